import { queryOptions } from '@tanstack/react-query';
import { ApiKey } from '@wheelhouse/protocol/identity';
import { WebhookDeliveries, Webhooks } from '@wheelhouse/protocol/webhook';
import { z } from 'zod';
import { call } from '../rest/call.ts';

/** A delivery is tried again for a while; nobody tells the page. */
const AGAIN_MS = 5000;
/** Deliveries that are shown of a webhook: the newest. */
const MOST_DELIVERIES = 20;

const Keys = z.object({ items: z.array(ApiKey) });

export const keysQuery = queryOptions({ queryKey: ['keys'], queryFn: async () => (await call(Keys, 'GET', '/v1/keys')).items });

export const webhooksQuery = queryOptions({
  queryKey: ['webhooks'],
  queryFn: async () => (await call(Webhooks, 'GET', '/v1/webhooks')).items,
});

export const deliveriesQuery = (webhook: string) =>
  queryOptions({
    queryKey: ['webhooks', 'deliveries', webhook],
    queryFn: async () => (await call(WebhookDeliveries, 'GET', `/v1/webhooks/${webhook}/deliveries?limit=${MOST_DELIVERIES}`)).items,
    refetchInterval: AGAIN_MS,
  });
