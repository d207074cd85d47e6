import { parentPort, workerData } from 'node:worker_threads';
import { sha256 } from '@wheelhouse/installation/node-crypto';
import { differences } from '@wheelhouse/policy/differences';
import { explain } from '@wheelhouse/policy/explain';
import { lintBundle } from '@wheelhouse/policy/lint-bundle';
import { loadBundle, type LoadedPolicy } from '@wheelhouse/policy/load-bundle';
import { runTests } from '@wheelhouse/policy/run-tests';
import type { PolicyBundle } from '@wheelhouse/protocol/policy';
import { PolicyTask, type Tried } from './policy-task.ts';

// Bundles that people send are tried out here: whatever they do to Cedar, they don't do it to the thread that gives orders.
const task = PolicyTask.parse(workerData);
parentPort?.postMessage(answerTo(task));

function answerTo(asked: PolicyTask): unknown {
  switch (asked.type) {
    case 'check':
      return tried(asked.bundle);
    case 'explain':
      return explain(loaded(asked.bundle), asked.request);
    case 'compare':
      return differences(loaded(asked.inForce), loaded(asked.candidate), asked.asked);
  }
}

function tried(bundle: PolicyBundle): Tried {
  const loading = loadBundle(bundle, sha256);
  const faults = [...lintBundle(bundle, sha256)];
  if (!loading.ok) return { loaded: null, faults, tests: [] };
  const { policy } = loading;
  return { loaded: { digest: policy.digest, text: policy.text }, faults, tests: [...runTests(policy)] };
}

function loaded(bundle: PolicyBundle | null): LoadedPolicy | null {
  const loading = bundle === null ? null : loadBundle(bundle, sha256);
  return loading?.ok === true ? loading.policy : null;
}
