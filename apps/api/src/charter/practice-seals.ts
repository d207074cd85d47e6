import { createHmac } from 'node:crypto';
import { practiceSeal } from '@wheelhouse/charter/practice-seal';
import type { ProposalFile } from '@wheelhouse/charter/proposal-files';
import { sha256 } from '@wheelhouse/installation/node-crypto';

/**
 * Seals of proposals: whether one is for practice is committed to when it is opened and shown when it has ended, so that nobody who votes can tell, and nobody
 * can say afterwards that a mistake was practice. The salts follow from the installation's secret: after a restart the server still knows.
 */
export class PracticeSeals {
  readonly #secret: string;

  constructor(secret: string) {
    this.#secret = secret;
  }

  salt(proposal: string): string {
    return createHmac('sha256', this.#secret).update(`wheelhouse: is proposal ${proposal} for practice`).digest('hex');
  }

  seal(proposal: string, practice: boolean): string {
    return practiceSeal({ proposal, salt: this.salt(proposal), practice }, sha256);
  }

  /** Whether a proposal was certainly not opened for practice: only then may it be carried out. */
  isReal({ seal, life }: Pick<ProposalFile, 'seal' | 'life'>): boolean {
    return seal === this.seal(life.proposal.id, false);
  }

  isPractice({ seal, life }: Pick<ProposalFile, 'seal' | 'life'>): boolean {
    return seal === this.seal(life.proposal.id, true);
  }
}
