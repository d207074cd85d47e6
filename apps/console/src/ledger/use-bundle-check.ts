import type { BundleReport } from '@wheelhouse/ledger/bundle-report';
import { useEffect, useRef, useState } from 'react';
import type { BundleJob, BundleNews, CheckedApprovals } from './bundle-message.ts';

export type BundleCheck =
  | { readonly state: 'idle' }
  | { readonly state: 'running'; readonly name: string; readonly done: number; readonly of: number }
  | {
      readonly state: 'done';
      readonly name: string;
      readonly report: BundleReport;
      readonly approvals: CheckedApprovals;
      readonly digest: string;
    }
  | { readonly state: 'trouble'; readonly name: string; readonly message: string };

/** Checks bundle files in a thread of their own, one at a time; the page stays at hand meanwhile. */
export function useBundleCheck() {
  const [check, setCheck] = useState<BundleCheck>({ state: 'idle' });
  const worker = useRef<Worker | null>(null);
  const stop = () => {
    worker.current?.terminate();
    worker.current = null;
  };
  useEffect(() => stop, []);

  function begin(job: BundleJob) {
    stop();
    const { name } = job.file;
    setCheck({ state: 'running', name, done: 0, of: 0 });
    const started = new Worker(new URL('./bundle-worker.ts', import.meta.url), { type: 'module' });
    worker.current = started;
    started.addEventListener('message', ({ data }: MessageEvent<BundleNews>) => {
      setCheck(after(name, data));
    });
    started.addEventListener('error', () => {
      setCheck({ state: 'trouble', name, message: 'The check could not be carried out in this browser. Use npx wheelhouse verify.' });
    });
    started.postMessage(job);
  }

  function cancel() {
    stop();
    setCheck({ state: 'idle' });
  }

  return { check, begin, cancel };
}

function after(name: string, news: BundleNews): BundleCheck {
  switch (news.type) {
    case 'progress':
      return { state: 'running', name, done: news.done, of: news.of };
    case 'report':
      return { state: 'done', name, report: news.report, approvals: news.approvals, digest: news.digest };
    case 'trouble':
      return { state: 'trouble', name, message: news.message };
  }
}
