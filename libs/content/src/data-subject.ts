/**
 * The name of a data subject: whom a key belongs to, and whose erasure destroys it. A person who signs in here is their own id. Anybody else
 * is named by a tenant, and stands under it: two tenants that both speak of `customer 7` never share a key.
 */
export function namedSubject(tenant: string, name: string): string {
  return `${encodeURIComponent(tenant)}/${name}`;
}

/** The tenant that named a data subject; null where it is the id of a person. */
export function tenantOfNamed(subject: string): string | null {
  const slash = subject.indexOf('/');
  if (slash < 0) return null;
  try {
    return decodeURIComponent(subject.slice(0, slash));
  } catch {
    return null;
  }
}
