import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { AppAbility } from '@wheelhouse/access/abilities';

type Permission = Parameters<AppAbility['can']>;

/** What a route asks of its caller: an ability, to be signed in, or nothing (public). A route without any is closed to everyone. */
export type Requirement =
  { readonly type: 'ability'; readonly permission: Permission } | { readonly type: 'signed-in' } | { readonly type: 'public' };

export const REQUIREMENT = 'wheelhouse:requirement';

/** The caller must be able to do this to some such subject; the service asks again with the very one (its tenant, its owner). */
export const Can = (...permission: Permission) => SetMetadata(REQUIREMENT, { type: 'ability', permission } satisfies Requirement);

export const SignedIn = () => SetMetadata(REQUIREMENT, { type: 'signed-in' } satisfies Requirement);

/** Marks what anybody may call, until the OpenAPI document says so in its own way. */
export const PUBLIC_OPERATION = 'x-public';

export const Public = (): MethodDecorator =>
  applyDecorators(SetMetadata(REQUIREMENT, { type: 'public' } satisfies Requirement), ApiExtension(PUBLIC_OPERATION, true));
