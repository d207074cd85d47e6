import type { BundleReading } from '@wheelhouse/policy/bundle-files';
import { loadBundle, type LoadedPolicy, type Loading } from '@wheelhouse/policy/load-bundle';
import { NO_BUNDLE } from '@wheelhouse/policy/decide';
import { PolicyMemo, type Tallied } from '@wheelhouse/policy/policy-memo';
import { sha256 } from '@wheelhouse/installation/node-crypto';
import type { Decision, PolicyBundle, PolicyFault, PolicyRequest } from '@wheelhouse/protocol/policy';
import type { Logger } from 'pino';
import type { Ledger } from '../ledger/ledger.ts';
import { decideByPolicy, entryOf, SYSTEM } from '../ledger/new-entry.ts';
import type { Bulletin } from '../operator/bulletin.ts';
import { pinAlarm } from '../operator/pinned-alarm.ts';
import { type Adopted, POLICY_KINDS, type PolicyEntry, PolicyHistory } from './policy-history.ts';
import { loadText } from './stored-bundle.ts';

type Parts = { readonly ledger: Ledger; readonly bulletin: Bulletin; readonly log: Logger };

/** What decides from now on. `text` is what other threads load; null where nothing is in force or what is can't be loaded: then all is denied. */
export type PolicyInForce = { readonly digest: string; readonly text: string | null };

const ALARM_EVERY_MS = 5000;

/**
 * The bundle in force, with the ledger as its only store. Every checkpoint of the control thread asks here; the stream threads are told of changes and
 * ask their own copy. While there is no bundle that can be loaded, everything is denied, and an alarm is up.
 */
export class PolicyKeeper {
  readonly history = new PolicyHistory();
  readonly #parts: Parts;
  readonly #readers = new Set<(inForce: PolicyInForce) => void>();
  #askThreads: (drop: boolean) => void = () => undefined;
  readonly #watchers = new Set<(seen: readonly Tallied[]) => void>();
  #loading: Loading = { ok: false, faults: [] };
  #memo = new PolicyMemo(null);
  #clear: ((cleared: string) => void) | null = null;
  #failedAt = Number.NEGATIVE_INFINITY;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** At start: what the ledger says is in force. Where it has none yet, the shipped bundle is adopted before anything is served. */
  async open(shipped: () => BundleReading): Promise<void> {
    const { ledger, bulletin } = this.#parts;
    const strays: string[] = [];
    for await (const { index, entry } of ledger.read(POLICY_KINDS)) {
      const stray = this.history.take(index, entry);
      if (stray !== null) strays.push(`Entry ${index}: ${stray}`);
    }
    if (strays.length > 0) pinAlarm(bulletin, 'policy_stray', `The record of policy has entries that no rule lets be: ${strays.join(' ')}`);
    if (this.history.inForce === null && ledger.fault === null) await this.#adoptShipped(shipped());
    this.#load();
  }

  /** What policy says; remembered for as long as this bundle is in force. Never throws. */
  decide(request: PolicyRequest): Decision {
    const decision = this.#memo.decide(request);
    if (decision.errors.length > 0) this.#failed(request, decision);
    return decision;
  }

  /** The bundle that decides; null where none can be loaded. */
  get loaded(): LoadedPolicy | null {
    return this.#loading.ok ? this.#loading.policy : null;
  }

  get digest(): string {
    return this.history.inForce?.digest ?? NO_BUNDLE;
  }

  get inForce(): PolicyInForce {
    return { digest: this.digest, text: this.loaded?.text ?? null };
  }

  /** Why the bundle in force does not load; empty where it does. */
  get faults(): readonly PolicyFault[] {
    return this.#loading.ok ? [] : this.#loading.faults;
  }

  tools(): PolicyBundle['tools'] {
    return this.loaded?.bundle.tools ?? {};
  }

  /** Why a policy of the bundle in force says what it says, in its author's words; empty for one that it does not have. */
  reasonOf(policy: string): string {
    return this.loaded?.policies.get(policy)?.reason ?? '';
  }

  /** Calls `read` whenever another bundle is in force, or nothing that loads is. */
  onChange(read: (inForce: PolicyInForce) => void): void {
    this.#readers.add(read);
  }

  /** Takes an entry that is durable, or a rollback that is on its way there: from here on it decides. */
  take(index: number | null, entry: PolicyEntry): void {
    const stray = this.history.take(index, entry);
    if (stray !== null) throw new Error(stray);
    this.#load();
  }

  /** Calls `watch` with the decisions of every thread, counted, about once a second; returns how to stop it. */
  watch(watch: (seen: readonly Tallied[]) => void): () => void {
    this.#askThreads(true);
    this.#watchers.add(watch);
    return () => this.#watchers.delete(watch);
  }

  /** `ask` has the stream threads tell what they decided since the last time, or forget it (`drop`). */
  countBy(ask: (drop: boolean) => void): void {
    this.#askThreads = ask;
  }

  /** Has everything told that was decided since the last time, while anybody watches. */
  gather(): void {
    this.tell();
    if (this.#watchers.size > 0) this.#askThreads(false);
  }

  /** Hands the watchers what was decided since the last time: here, and by a stream thread that counted its own. */
  tell(elsewhere: readonly Tallied[] = []): void {
    const seen = [...this.#memo.takeTally(), ...elsewhere];
    if (seen.length > 0) for (const watch of this.#watchers) watch(seen);
  }

  /** Says that policy could not decide: here, or in a stream thread. */
  #failed({ checkpoint }: PolicyRequest, { errors }: Decision): void {
    const now = performance.now();
    if (now - this.#failedAt < ALARM_EVERY_MS || this.loaded === null) return;
    this.#failedAt = now;
    this.#parts.log.error({ checkpoint, errors }, 'policy could not decide, so it was denied');
    const message = `Policy could not decide at ${checkpoint}, so it was denied: ${errors[0] ?? ''}`;
    this.#parts.bulletin.post({ event: 'alarm', data: { code: 'policy_failed', message, raised: true } }, null);
  }

  /** As `decide` does by itself: raises the alarm for a decision that another thread could not make. */
  heard(request: PolicyRequest, decision: Decision): void {
    if (decision.errors.length > 0) this.#failed(request, decision);
  }

  async #adoptShipped(reading: BundleReading): Promise<void> {
    const { ledger, log } = this.#parts;
    const loading: Loading = reading.ok ? loadBundle(reading.bundle, sha256) : reading;
    if (!loading.ok) {
      this.#loading = loading;
      log.fatal({ faults: loading.faults }, 'the policies in the folder policies/ can not be used: nothing is allowed');
      return;
    }
    const { digest, text, bundle } = loading.policy;
    const entry = entryOf('policy.adopted', { bundle: digest, name: bundle.name, bundleText: text }, SYSTEM);
    if (entry.kind === 'policy.adopted') this.history.take(await ledger.appendEntryFirst(entry), entry);
  }

  #load(): void {
    const { inForce } = this.history;
    if (inForce !== null) {
      this.#loading = loadText(inForce.text, inForce.digest);
      decideByPolicy(inForce.digest);
    }
    this.tell();
    this.#memo = new PolicyMemo(this.loaded);
    this.#mindAlarm(inForce);
    for (const read of this.#readers) read(this.inForce);
  }

  #mindAlarm(inForce: Adopted | null): void {
    if (this.loaded !== null) {
      this.#clear?.(`The policy bundle ${this.digest} is in force and decides.`);
      this.#clear = null;
      return;
    }
    const [fault] = this.faults;
    const which =
      inForce === null
        ? 'There is no policy bundle in force'
        : `The policy bundle in force (${inForce.name}, ${inForce.digest}) can not be loaded`;
    const message = `${which}, so everything is denied. ${fault?.message ?? ''} docs/policy.md says what to do.`;
    this.#parts.log.error({ faults: this.faults }, message);
    this.#clear ??= pinAlarm(this.#parts.bulletin, 'policy_unusable', message);
  }
}
