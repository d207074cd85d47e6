import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
  type ErrorComponentProps,
} from '@tanstack/react-router';
import { z } from 'zod';
import { ApprovalsSearch } from './approvals/approvals-search.ts';
import { TransitionsSearch } from './charter/transitions-search.ts';
import { LedgerSearch } from './ledger/search-filter.ts';
import { inWords } from './rest/call.ts';
import { meQuery } from './rest/me.ts';
import { SessionsPage } from './sessions/sessions-page.tsx';
import { Shell } from './shell/shell.tsx';
import { SignInPage } from './sign-in/sign-in-page.tsx';
import { TalkPage } from './talk/talk-page.tsx';
import { WelcomePage } from './welcome/welcome-page.tsx';

/** Only a path of our own: a sign-in link must not be able to send anyone elsewhere. */
const SignInSearch = z.object({
  next: z
    .string()
    .regex(/^\/(?![/\\])/)
    .optional()
    .catch(undefined),
});

const root = createRootRouteWithContext<{ queries: QueryClient }>()({ notFoundComponent: NotFound, errorComponent: Broken });

const signIn = createRoute({ getParentRoute: () => root, path: '/sign-in', validateSearch: SignInSearch, component: SignInPage });

// For everybody, without an account.
const transparency = createRoute({
  getParentRoute: () => root,
  path: '/transparency',
  component: lazyRouteComponent(() => import('./transparency/transparency-page.tsx'), 'TransparencyPage'),
});

const signedIn = createRoute({
  getParentRoute: () => root,
  id: 'signed-in',
  beforeLoad: async ({ context, location }) => {
    const me = await context.queries.query({ ...meQuery, staleTime: 'static' });
    if (me === null) throw redirect({ to: '/sign-in', search: { next: location.href } });
  },
});

const welcome = createRoute({ getParentRoute: () => signedIn, path: '/welcome', component: WelcomePage });
const shell = createRoute({ getParentRoute: () => signedIn, id: 'shell', component: Shell });
const talk = createRoute({ getParentRoute: () => shell, path: '/talk', component: TalkPage });
// One page for both addresses: choosing a session must not build the list anew.
const sessions = createRoute({ getParentRoute: () => shell, path: '/sessions', component: SessionsPage });
const session = createRoute({ getParentRoute: () => sessions, path: '$id' });
const content = createRoute({
  getParentRoute: () => shell,
  path: '/content',
  component: lazyRouteComponent(() => import('./content/content-page.tsx'), 'ContentPage'),
});
const approvals = createRoute({
  getParentRoute: () => shell,
  path: '/approvals',
  validateSearch: ApprovalsSearch,
  component: lazyRouteComponent(() => import('./approvals/approvals-page.tsx'), 'ApprovalsPage'),
});
const approval = createRoute({
  getParentRoute: () => shell,
  path: '/approvals/$id',
  component: lazyRouteComponent(() => import('./approvals/proposal-page.tsx'), 'ProposalPage'),
});
// One page for both addresses, as with sessions.
const actions = createRoute({
  getParentRoute: () => shell,
  path: '/actions',
  component: lazyRouteComponent(() => import('./actions/actions-page.tsx'), 'ActionsPage'),
});
const action = createRoute({ getParentRoute: () => actions, path: '$id' });
// The ledger's pages come when they are first looked at: nothing of them is needed to stop anything.
const ledger = createRoute({
  getParentRoute: () => shell,
  path: '/ledger',
  component: lazyRouteComponent(() => import('./ledger/ledger-frame.tsx'), 'LedgerFrame'),
});
const ledgerSearch = createRoute({
  getParentRoute: () => ledger,
  path: '/',
  validateSearch: LedgerSearch,
  component: lazyRouteComponent(() => import('./ledger/search-page.tsx'), 'SearchPage'),
});
const ledgerEntry = createRoute({
  getParentRoute: () => ledger,
  path: '$index',
  component: lazyRouteComponent(() => import('./ledger/entry-page.tsx'), 'EntryPage'),
});
const ledgerHeads = createRoute({
  getParentRoute: () => ledger,
  path: 'heads',
  component: lazyRouteComponent(() => import('./ledger/heads-page.tsx'), 'HeadsPage'),
});
const ledgerExports = createRoute({
  getParentRoute: () => ledger,
  path: 'exports',
  validateSearch: LedgerSearch,
  component: lazyRouteComponent(() => import('./ledger/exports-page.tsx'), 'ExportsPage'),
});
const ledgerVerify = createRoute({
  getParentRoute: () => ledger,
  path: 'verify',
  component: lazyRouteComponent(() => import('./ledger/verify-page.tsx'), 'VerifyPage'),
});
const charter = createRoute({
  getParentRoute: () => shell,
  path: '/charter',
  component: lazyRouteComponent(() => import('./charter/charter-frame.tsx'), 'CharterFrame'),
});
const charterInForce = createRoute({
  getParentRoute: () => charter,
  path: '/',
  component: lazyRouteComponent(() => import('./charter/in-force-page.tsx'), 'InForcePage'),
});
const charterSeats = createRoute({
  getParentRoute: () => charter,
  path: 'seats',
  component: lazyRouteComponent(() => import('./charter/seats-page.tsx'), 'SeatsPage'),
});
const charterTransitions = createRoute({
  getParentRoute: () => charter,
  path: 'transitions',
  validateSearch: TransitionsSearch,
  component: lazyRouteComponent(() => import('./charter/transitions-page.tsx'), 'TransitionsPage'),
});
const charterAmend = createRoute({
  getParentRoute: () => charter,
  path: 'amend',
  component: lazyRouteComponent(() => import('./charter/amend-page.tsx'), 'AmendPage'),
});
const charterHistory = createRoute({
  getParentRoute: () => charter,
  path: 'history',
  component: lazyRouteComponent(() => import('./charter/history-page.tsx'), 'HistoryPage'),
});
const charterOversight = createRoute({
  getParentRoute: () => charter,
  path: 'oversight',
  component: lazyRouteComponent(() => import('./charter/oversight-page.tsx'), 'OversightPage'),
});
const policy = createRoute({
  getParentRoute: () => shell,
  path: '/policy',
  component: lazyRouteComponent(() => import('./policy/policy-frame.tsx'), 'PolicyFrame'),
});
const policyInForce = createRoute({
  getParentRoute: () => policy,
  path: '/',
  component: lazyRouteComponent(() => import('./policy/in-force-page.tsx'), 'InForcePage'),
});
const policyExplain = createRoute({
  getParentRoute: () => policy,
  path: 'explain',
  component: lazyRouteComponent(() => import('./policy/explain-page.tsx'), 'ExplainPage'),
});
const policyChange = createRoute({
  getParentRoute: () => policy,
  path: 'change',
  component: lazyRouteComponent(() => import('./policy/change-page.tsx'), 'ChangePage'),
});
const policyShadow = createRoute({
  getParentRoute: () => policy,
  path: 'shadow',
  component: lazyRouteComponent(() => import('./policy/shadow-page.tsx'), 'ShadowPage'),
});
const policyHistory = createRoute({
  getParentRoute: () => policy,
  path: 'history',
  component: lazyRouteComponent(() => import('./policy/history-page.tsx'), 'HistoryPage'),
});
const developers = createRoute({
  getParentRoute: () => shell,
  path: '/developers',
  component: lazyRouteComponent(() => import('./developers/developers-page.tsx'), 'DevelopersPage'),
});
const channels = createRoute({
  getParentRoute: () => shell,
  path: '/channels',
  component: lazyRouteComponent(() => import('./notices/channels-page.tsx'), 'ChannelsPage'),
});
const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/sessions' });
  },
});

const ledgerPages = ledger.addChildren([ledgerSearch, ledgerEntry, ledgerHeads, ledgerExports, ledgerVerify]);
const charterPages = charter.addChildren([
  charterInForce,
  charterSeats,
  charterTransitions,
  charterAmend,
  charterHistory,
  charterOversight,
]);
const policyPages = policy.addChildren([policyInForce, policyExplain, policyChange, policyShadow, policyHistory]);
const tree = root.addChildren([
  home,
  signIn,
  transparency,
  signedIn.addChildren([
    welcome,
    shell.addChildren([
      talk,
      content,
      approvals,
      approval,
      actions.addChildren([action]),
      sessions.addChildren([session]),
      ledgerPages,
      charterPages,
      policyPages,
      developers,
      channels,
    ]),
  ]),
]);

export function routerOf(queries: QueryClient) {
  return createRouter({ routeTree: tree, context: { queries }, defaultPendingMs: 300 });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof routerOf>;
  }
}

function NotFound() {
  return (
    <main className="door">
      <h1>There is no such page</h1>
      <p>
        <a href="/sessions">To the sessions</a>
      </p>
    </main>
  );
}

function Broken({ error }: ErrorComponentProps) {
  return (
    <main className="door" role="alert">
      <h1>This page cannot be shown</h1>
      <p className="problem">{inWords(error)}</p>
      <p>
        <a href={window.location.href}>Try again</a>
      </p>
    </main>
  );
}
