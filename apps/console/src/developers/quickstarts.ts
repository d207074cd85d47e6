import action from '../../../../docs/quickstart/action.md?raw';
import agents from '../../../../docs/quickstart/agents.md?raw';
import curl from '../../../../docs/quickstart/curl.md?raw';
import decision from '../../../../docs/quickstart/decision.md?raw';
import openai from '../../../../docs/quickstart/openai.md?raw';
import sdk from '../../../../docs/quickstart/sdk.md?raw';
import stop from '../../../../docs/quickstart/stop.md?raw';
import webhook from '../../../../docs/quickstart/webhook.md?raw';
import { quickstartOf } from './quickstart-text.ts';

/** The texts of docs/quickstart. test/e2e/quickstarts.test.ts runs each. */
export const QUICKSTARTS = Object.entries({ curl, sdk, openai, agents, decision, action, webhook, stop }).map(([id, markdown]) =>
  quickstartOf(id, markdown),
);
