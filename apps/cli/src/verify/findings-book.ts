import { findingList } from '@wheelhouse/ledger/findings';
import type { Finding, NewFinding } from '@wheelhouse/ledger/findings';
import type { Area, VerifyFinding } from './report.ts';

const KEPT = 100;
const ORDER: readonly Area[] = ['tree', 'heads', 'entries', 'tiles', 'guard', 'records', 'sessions', 'approvals', 'proofs'];

/** Everything that the checks of one run find, a list for each area so that none drowns another. */
export class FindingsBook {
  readonly #lists = new Map(ORDER.map((area) => [area, findingList<string>(KEPT)]));
  #more = { fault: 0, suppressed: 0 };

  add(area: Area, finding: NewFinding<string>): void {
    this.#lists.get(area)?.add(finding);
  }

  /** Takes over what an audit of the library found; it keeps lists of its own. */
  take(area: Area, audit: { readonly findings: readonly Finding<string>[]; readonly suppressed: number; readonly faults: number }): void {
    for (const finding of audit.findings) this.add(area, finding);
    const kept = audit.findings.filter(({ severity }) => severity === 'fault').length;
    this.#more.fault += audit.faults - kept;
    this.#more.suppressed += audit.suppressed;
  }

  summary(): { readonly findings: VerifyFinding[]; readonly suppressed: number; readonly faults: number; readonly notes: number } {
    const findings: VerifyFinding[] = [];
    let { fault: faults, suppressed } = this.#more;
    for (const [area, list] of this.#lists) {
      for (const { code, severity, index, session, message } of list.list()) {
        findings.push({
          area,
          code,
          severity,
          ...(index === undefined ? {} : { index }),
          ...(session === undefined ? {} : { session }),
          message,
        });
      }
      faults += list.faults();
      suppressed += list.suppressed();
    }
    findings.sort((a, b) => Number(a.severity === 'note') - Number(b.severity === 'note'));
    return { findings, suppressed, faults, notes: findings.filter(({ severity }) => severity === 'note').length };
  }
}
