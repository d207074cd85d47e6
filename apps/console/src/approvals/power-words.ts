import type { PowerId } from '@wheelhouse/protocol/charter';

/** What each power does, in words. */
export const POWER_WORDS: Readonly<Record<PowerId, string>> = {
  'latch.release': 'Release a latch',
  'level.raise': 'Raise a level',
  'finetune.create': 'Create a fine-tune',
  'deployment.promote': 'Promote a deployment',
  'policy.change': 'Change a policy',
  'charter.amend': 'Amend the charter',
  'seat.change': 'Give a seat to somebody',
  'seat.recall': 'Recall from a seat',
  'break_glass.review': 'Close the review of a break glass',
  'access.grant': 'Grant access',
  'key.rotate': 'Rotate a key',
  'witness.change': 'Change the witnesses',
  'retention.change': 'Change how long content is kept',
  'record.export': 'Export everything on record',
  'record.erase': 'Erase a person from the record',
};
