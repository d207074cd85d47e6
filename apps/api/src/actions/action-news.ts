import type { Role } from '@wheelhouse/protocol/identity';
import type { WebhookEvent } from '@wheelhouse/protocol/webhook';
import type { Logger } from 'pino';
import { fixedId } from '../notices/fixed-id.ts';
import type { Notice } from '../notices/notice.ts';
import type { Bulletin } from '../operator/bulletin.ts';
import type { ActionRow } from './action-row.ts';
import type { WebhookDesk } from './webhook-desk.ts';

type Parts = {
  readonly bulletin: Bulletin;
  readonly send: (notice: Notice, to: readonly string[]) => Promise<void>;
  /** Ids of the people of a tenant and of the house that have one of these roles. */
  readonly peopleOf: (tenant: string, roles: readonly Role[]) => Promise<string[]>;
  readonly webhooks: WebhookDesk;
  /** Whether the votes of a charter decide on it: then its people are told of the proposal, and nobody of this. */
  readonly takesVotes: (row: ActionRow) => boolean;
  readonly log: Logger;
};

/** Who may decide on actions. */
const DECIDERS: readonly Role[] = ['operator', 'administrator'];
/** A burst of askings is one notice: mail by the hundred is mail that nobody reads. The consoles show each at once anyway. */
const GATHERED_MS = 60_000;
/** After which pauses a delivery that could not be stored is tried again. */
const AGAIN_MS: readonly number[] = [1000, 5000, 30_000];

/** Tells of actions: consoles, the people who may decide, and the asker's webhook. A notice leaves the house, so it says nothing of what was asked. */
export class ActionNews {
  readonly #parts: Parts;
  /** When the people of a tenant were told last. */
  readonly #toldAt = new Map<string, number>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  changed(row: ActionRow): void {
    const { id, state, tenant, session, webhook, decision } = row;
    const isNews = state === 'pending' || row.settled !== null || decision.obligations.notify.includes('operators');
    if (isNews) this.#parts.bulletin.post({ event: 'action', data: { id, state, session } }, tenant);
    if (state === 'pending' && !this.#parts.takesVotes(row)) this.#later(this.#wanted(row), row);
    if (webhook !== null && row.settled !== null) this.#later(this.#sendTo(webhook, row), row);
  }

  async #wanted({ id, tenant, askedAt, person, asker }: ActionRow): Promise<void> {
    const at = askedAt.getTime();
    const last = this.#toldAt.get(tenant);
    if (last !== undefined && at - last < GATHERED_MS) return;
    this.#toldAt.set(tenant, at);
    const people = await this.#parts.peopleOf(tenant, DECIDERS);
    const others = asker.kind === 'system' ? people : people.filter((one) => one !== person);
    const title = asker.kind === 'system' ? 'An engine waits for a human to decide.' : 'An action waits for a human to decide.';
    await this.#parts.send({ kind: 'action_wanted', title, path: '/actions', urgent: true, key: `action/${id}` }, others);
  }

  async #sendTo(webhook: string, { id, digest, session, settled }: ActionRow): Promise<void> {
    if (settled === null) return;
    const { state, at, editedDigest: edited } = settled;
    const data = { id, state, digest, edited, session, decidedAt: at.toISOString() };
    const event: WebhookEvent = { type: 'action.decided', timestamp: at.toISOString(), data };
    for (const pause of [...AGAIN_MS, null]) {
      try {
        await this.#parts.webhooks.send(webhook, { id: fixedId('action.decided', id, webhook), action: id, event });
        return;
      } catch (error) {
        if (pause === null) throw error;
        await new Promise((resolve) => setTimeout(resolve, pause).unref());
      }
    }
  }

  /** The action stands whoever was told. */
  #later(work: Promise<void>, { id }: ActionRow): void {
    work.catch((error: unknown) => {
      this.#parts.log.error({ err: error, action: id }, 'somebody could not be told of an action');
    });
  }
}
