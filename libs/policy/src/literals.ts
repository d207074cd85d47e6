/** What is written out in policies and schemas, from Cedar's JSON renderings of them. */
export type Literals = {
  /** Ids of entities. */
  readonly ids: ReadonlySet<string>;
  readonly strings: ReadonlySet<string>;
};

/** Everything that is named, collected generously: one id too many costs a little memory, one too few would be wrong. */
export function literalsIn(renderings: readonly unknown[]): Literals {
  const ids = new Set<string>();
  const strings = new Set<string>();
  const left: unknown[] = [...renderings];
  for (let value = left.pop(); value !== undefined; value = left.pop()) {
    if (Array.isArray(value)) left.push(...value.filter((each: unknown) => each !== null && each !== undefined));
    else if (typeof value === 'object' && value !== null) {
      if ('id' in value && typeof value.id === 'string') ids.add(value.id);
      if ('Value' in value && typeof value.Value === 'string') strings.add(value.Value);
      if ('enum' in value && Array.isArray(value.enum)) for (const id of value.enum) ids.add(String(id));
      left.push(...Object.values(value).filter((each: unknown) => typeof each === 'object' && each !== null));
    }
  }
  return { ids, strings };
}
