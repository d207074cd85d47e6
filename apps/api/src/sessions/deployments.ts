import type { Deployment } from '@wheelhouse/protocol/session';

/** The models that are always offered to sessions. Both are diagnostic: they let a person try the line, the gate and the record before any model speaks. */
export const DEPLOYMENTS: readonly Deployment[] = [
  {
    name: 'relay',
    engine: 'relay',
    model: 'moonshine-tiny+flite',
    maxLevel: 5,
    mayRecord: ['transcript', 'audio', 'video'],
    description: 'Repeats back what it understood: real hearing and real speech, no language model.',
  },
  {
    name: 'echo',
    engine: 'echo',
    model: 'loopback',
    maxLevel: 5,
    mayRecord: ['audio', 'video'],
    description: 'Returns the audio as it came, one tick later: for testing the line.',
  },
];

/** The models offered to sessions: the diagnostic ones, and an upstream where one is configured. */
export function deploymentsOf(
  upstream: { readonly name: string; readonly settings: { readonly model: string } } | null,
): readonly Deployment[] {
  if (upstream === null) return DEPLOYMENTS;
  const { name, settings } = upstream;
  const description = 'A model on a server of yours or of a provider, reached over the OpenAI Realtime protocol.';
  return [
    ...DEPLOYMENTS,
    { name, engine: 'realtime', model: settings.model, maxLevel: 5, mayRecord: ['transcript', 'audio', 'video'], description },
  ];
}
