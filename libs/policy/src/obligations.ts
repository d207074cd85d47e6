import { NO_OBLIGATIONS, type Obligations } from '@wheelhouse/protocol/policy';

/** What one policy asks for. */
export type Asked = Partial<Obligations>;

const STRICTER = ['pass', 'hold', 'stop'] as const satisfies readonly Obligations['onTimeout'][];

/** The strictest of what several policies ask for: the longest window, `stop` before `hold` before `pass`, and everything that any of them asks. */
export function strictestOf(asked: readonly Asked[]): Obligations {
  const timeouts = asked.flatMap(({ onTimeout }) => (onTimeout === undefined ? [] : [STRICTER.indexOf(onTimeout)]));
  return {
    holdBack: Math.max(NO_OBLIGATIONS.holdBack, ...asked.map(({ holdBack }) => holdBack ?? 0)),
    onTimeout: STRICTER[Math.max(...timeouts)] ?? NO_OBLIGATIONS.onTimeout,
    watermark: asked.some(({ watermark }) => watermark === true),
    notify: [...new Set(asked.flatMap(({ notify }) => notify ?? []))].sort(),
    record: asked.some(({ record }) => record === true),
  };
}
