import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { writeImageFolder, writeTextFolder } from '@wheelhouse/detect/classifiers.fixture';
import { afterEach, expect, test } from 'vitest';
import { TestServer } from '../harness/server.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'wheelhouse-models-'));
let server: TestServer | null = null;

afterEach(async () => {
  await server?.dispose();
  server = null;
  rmSync(folder, { recursive: true, force: true });
});

test('a server whose classifier is broken says so and does not start; mended, it starts with all of them', async () => {
  const injection = writeTextFolder(path.join(folder, 'injection'));
  const unsafe = writeImageFolder(path.join(folder, 'image'));
  const env = { WHEELHOUSE_INJECTION_MODEL: injection, WHEELHOUSE_TOXICITY_MODEL: injection, WHEELHOUSE_UNSAFE_IMAGE_MODEL: unsafe };
  writeFileSync(path.join(unsafe, 'preprocessor_config.json'), '{"size":');
  await expect(TestServer.start(env)).rejects.toThrow(/WHEELHOUSE_UNSAFE_IMAGE_MODEL .*preprocessor_config\.json is not JSON/);
  writeImageFolder(unsafe);
  server = await TestServer.start(env);
  expect((await fetch(`${server.url}/health`)).status).toBeLessThan(500);
  expect(server.output).not.toContain('detector failed');
});
