import type { Deployment } from '@wheelhouse/protocol/session';

/** The models offered to sessions. Both are diagnostic: they let a person try the line, the gate and the record before any model speaks. */
export const DEPLOYMENTS: readonly Deployment[] = [
  {
    name: 'relay',
    engine: 'relay',
    model: 'moonshine-tiny+flite',
    maxLevel: 5,
    mayRecord: ['transcript', 'audio'],
    description: 'Repeats back what it understood: real hearing and real speech, no language model.',
  },
  {
    name: 'echo',
    engine: 'echo',
    model: 'loopback',
    maxLevel: 5,
    mayRecord: ['audio'],
    description: 'Returns the audio as it came, one tick later: for testing the line.',
  },
];
