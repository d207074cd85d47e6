import { gateWord } from '@wheelhouse/gate/gate-word';
import { TICK_SAMPLES } from '@wheelhouse/protocol/tick';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CheckpointLine } from './checkpoint-line.fixture.ts';
import { settleDraft } from './tick.ts';

describe('output before its checkpoint', () => {
  it('leaves exactly as many ticks later as its window has, in its order, and never without its verdict', () => {
    const anyTick = fc.record({ word: fc.constantFrom('one', 'two', 'SECRET', ''), scanAfter: fc.nat(7) });
    fc.assert(
      fc.property(fc.nat(5), fc.array(anyTick, { minLength: 1, maxLength: 30 }), (holdBack, plan) => {
        const line = new CheckpointLine({ holdBack, onTimeout: 'hold' });
        const due: string[] = [];
        let earliest = 0;
        for (let tick = 0; tick < plan.length + 16; tick += 1) {
          line.open();
          const step = plan[tick];
          line.say(step === undefined || step.word === '' ? '' : `${step.word} ${tick}`);
          for (const [asked, { scanAfter }] of plan.entries()) if (asked + scanAfter === tick) line.scanned(asked);
          if (step !== undefined && step.word !== '') due.push(`${step.word.replace('SECRET', '██████')} ${tick}`);
        }
        line.scanned();
        line.open();
        expect(line.words).toEqual(due);
        for (const { text, at } of line.sent.filter(({ kind }) => kind === 'text')) {
          const from = Number(text.split(' ')[1]);
          expect(at).toBeGreaterThanOrEqual(from + holdBack);
          expect(at).toBeGreaterThanOrEqual(earliest);
          earliest = at;
        }
      }),
      { numRuns: 200 },
    );
  });

  it.each([0, 1, 2, 5])('with a window of %i ticks and prompt verdicts is delayed by exactly that', (holdBack) => {
    const line = new CheckpointLine({ holdBack, onTimeout: 'hold' });
    for (let tick = 0; tick < 20; tick += 1) {
      line.open();
      line.say(`word ${tick}`);
      line.scanned();
    }
    const words = line.sent.filter(({ kind }) => kind === 'text');
    expect(words).toHaveLength(20 - holdBack);
    for (const [index, { text, at }] of words.entries()) expect([text, at]).toEqual([`word ${index}`, index + holdBack]);
  });

  it('of what is denied nothing leaves, nor of the rest of that turn; the client drops what it has, and hears why', () => {
    const line = new CheckpointLine({ holdBack: 2, onTimeout: 'hold' });
    const hushes: boolean[] = [];
    for (const said of ['fine', 'so far', 'TOXIC', 'and more', 'of it', '', 'still']) {
      hushes.push(line.open().extra?.hush ?? false);
      line.say(said);
      line.scanned();
    }
    expect(line.words).toEqual(['fine', 'so far']);
    expect(line.notices).toContain('cut');
    const voice = line.sent.filter(({ gate }) => gate);
    expect(voice[0]?.text).toBe('I can not go on with that.');
    // The engine is told to be silent, once.
    expect(hushes.filter(Boolean)).toHaveLength(1);
    line.open();
    // The next turn is another: after its end what the engine says leaves again.
    line.say('', { extra: { turnEnded: true } });
    for (const said of ['a new turn', '', '']) {
      line.open();
      line.say(said);
      line.scanned();
    }
    expect(line.words).toEqual(['fine', 'so far', 'a new turn']);
    expect(line.sent.filter(({ kind, gate }) => gate && kind === 'audio')).toHaveLength(2);
  });

  it('has the gate say its whole sentence when the engine yields to it; a person who then wants the floor has it', () => {
    const spoken = (yields: readonly boolean[]) => {
      const line = new CheckpointLine({ holdBack: 0, onTimeout: 'hold' });
      line.open();
      line.say('TOXIC');
      line.scanned();
      for (const yielded of yields) {
        line.open();
        line.say('', { yielded });
      }
      return line.sent.filter(({ kind, gate }) => gate && kind === 'audio').length;
    };
    expect(spoken([false, false, false])).toBe(2);
    expect(spoken([true, false, false])).toBe(2);
    expect(spoken([true, true, false])).toBeLessThan(2);
  });

  it('whose verdict comes late is flushed where policy let it pass, and cut off', () => {
    const line = new CheckpointLine({ holdBack: 0, onTimeout: 'pass' });
    line.open();
    line.say('TOXIC');
    expect(line.words).toEqual(['TOXIC']);
    line.open();
    line.say('more');
    expect(line.notices).not.toContain('cut');
    line.scanned();
    expect(line.notices).toContain('cut');
    line.open();
    line.say('and more');
    expect(line.words).toEqual(['TOXIC', 'more']);
  });

  it('whose verdict never comes is dropped with `stop`, and given up after five seconds with `hold`', () => {
    const stopping = new CheckpointLine({ holdBack: 1, onTimeout: 'stop' });
    const holding = new CheckpointLine({ holdBack: 1, onTimeout: 'hold' });
    for (const line of [stopping, holding]) {
      for (let tick = 0; tick < 40; tick += 1) {
        line.open();
        line.say(tick === 0 ? 'never judged' : '');
      }
      expect(line.words).toEqual([]);
      const errors = line.outcomes.flatMap(({ decided }) => decided.flatMap(({ decision: { errors: found } }) => found));
      expect(errors).toEqual([expect.stringContaining('did not come in time')]);
    }
  });

  it('is masked in its words and silent exactly where they are spoken, into the next tick', () => {
    const line = new CheckpointLine({ holdBack: 1, onTimeout: 'hold' });
    const said = 'it is SECRET';
    const words = [
      { from: 0, to: 2, start: 0, end: 500 },
      { from: 3, to: 5, start: 500, end: 1000 },
      { from: 6, to: 12, start: 1000, end: TICK_SAMPLES + 800 },
    ];
    line.open();
    line.say(said, { extra: { words } });
    line.scanned();
    line.open();
    line.say('now', { extra: { words: [{ from: 0, to: 3, start: 900, end: 1500 }] } });
    line.scanned();
    line.open();
    line.say('');
    expect(line.words).toEqual(['it is ██████', 'now']);
    const [first, second] = line.sent.filter(({ kind }) => kind === 'audio').map(({ samples }) => samples);
    expect([first?.[999], first?.[1000], first?.[TICK_SAMPLES - 1], second?.[0], second?.[799], second?.[800]]).toEqual([1, 0, 0, 0, 0, 1]);
  });

  it('from before an order never leaves, though the order is released before its window is over', () => {
    const line = new CheckpointLine({ holdBack: 2, onTimeout: 'hold' });
    line.open();
    line.say('before the stop');
    line.scanned();
    line.table.setGate(0, gateWord(['stop'], 3));
    line.table.countCut(0);
    line.table.setGate(0, gateWord([], 3));
    for (let tick = 0; tick < 5; tick += 1) {
      line.open();
      line.say(tick === 0 ? 'after it' : '');
      line.scanned();
    }
    expect(line.words).toEqual(['after it']);
  });

  it('that the engine took back by yielding never leaves, and the yield does at once', () => {
    const line = new CheckpointLine({ holdBack: 3, onTimeout: 'hold' });
    line.open();
    line.say('nobody wants this');
    line.scanned();
    line.open();
    line.say('', { yielded: true });
    expect(line.sent.map(({ text, at }) => [text, at])).toEqual([['{"type":"yield"}', 1]]);
    for (let tick = 0; tick < 6; tick += 1) {
      line.open();
      line.say('');
    }
    expect(line.words).toEqual([]);
  });

  it.each([true, false])('that a human has to decide on waits as a whole; approved: %s', (approved) => {
    const line = new CheckpointLine({ holdBack: 0, onTimeout: 'hold' });
    for (const said of ['INJECT', 'INJECT this', '', '', '', '', '', '']) {
      line.open();
      line.say(said);
      line.scanned();
    }
    expect(line.words).toEqual([]);
    expect(line.asks).toEqual([{ what: 'output', draft: 1, text: 'INJECT INJECT this' }]);
    expect(settleDraft(line.ticks, 1, approved)).toBe(true);
    expect(settleDraft(line.ticks, 1, approved)).toBe(false);
    for (let tick = 0; tick < 3; tick += 1) {
      line.open();
      line.say('');
    }
    expect(line.words).toEqual(approved ? ['INJECT', 'INJECT this'] : []);
  });
});
