import './zod-settings.ts';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Refused } from './rest/call.ts';
import { routerOf } from './routes.tsx';
import { applyTheme, storedTheme } from './shell/theme.ts';
import './shell/colours.css';
import './shell/controls.css';
import './shell/shell.css';
import './sign-in/door.css';
import './sessions/sessions.css';
import './transcript/transcript.css';
import './talk/talk.css';
import './content/content.css';
import './notices/notices.css';

applyTheme(storedTheme());

const queries = new QueryClient({ defaultOptions: { queries: { retry: (count, error) => !(error instanceof Refused) && count < 3 } } });
const router = routerOf(queries);
const place = document.getElementById('console');
if (place === null) throw new Error('index.html has no element #console');
createRoot(place).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
