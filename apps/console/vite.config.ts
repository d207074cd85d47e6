import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const api = 'http://127.0.0.1:7400';

/** For `npx vite build apps/console`: everything is emitted as files of our own origin, so that a strict content security policy holds. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // No data: URLs for assets: the policy names own-origin sources only.
    assetsInlineLimit: 0,
    target: 'es2022',
    // One file for all that watches and stops: it has to be there, entire, before anything happens. Kept under 200 KB gzipped. Pages that
    // nothing has to be stopped on (ledger, charter, approvals, content, transparency) come later.
    chunkSizeWarningLimit: 700,
    // zod and its settings come first, in one file: schemas that are made before the settings would trespass against the policy.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'zod', test: /node_modules\/zod\/|zod-settings/ }] } } },
  },
  worker: { format: 'es' },
  server: {
    proxy: {
      '/v1': { target: api, ws: true },
      '/api': { target: api },
      '/health': { target: api },
    },
  },
});
