/** Of each name what it needs. What is no key itself counts as being there already. */
export type Needs = ReadonlyMap<string, readonly string[]>;

/** What needs each other, as the way from a name back to itself: a, b, a. None is left out that nothing could begin. */
export function circlesIn(needs: Needs): string[][] {
  return walked(needs).circles;
}

/**
 * Does it to each behind all that it needs, side by side where nothing says otherwise. On a circle one need is left out.
 * @param act is handed what came of its needs; what threw there is left out.
 * @returns in an order in which each stands behind its needs.
 */
export async function eachInOrder<R>(
  needs: Needs,
  act: (name: string, before: readonly R[]) => Promise<R>,
): Promise<R[]> {
  const { order, edges } = walked(needs);
  const begun = new Map<string, Promise<R>>();
  for (const name of order) {
    const before = (edges.get(name) ?? []).flatMap((need) => begun.get(need) ?? []);
    begun.set(
      name,
      Promise.allSettled(before).then((done) =>
        act(
          name,
          done.flatMap((each) => (each.status === "fulfilled" ? [each.value] : [])),
        ),
      ),
    );
  }
  return await Promise.all(begun.values());
}

/** The same without the needs that close a circle. */
export function withoutCircles(needs: Needs): Needs {
  return walked(needs).edges;
}

/** The other way round, for what ends: each behind those that need it. */
export function reversed(needs: Needs): Needs {
  const turned = new Map<string, string[]>([...needs.keys()].map((name) => [name, []]));
  for (const [name, needed] of needs) for (const each of needed) turned.get(each)?.push(name);
  return turned;
}

/** The same among these alone: what they need by way of others they need too. */
export function among(needs: Needs, names: readonly string[]): Needs {
  const wanted = new Set(names);
  const reached = (from: string): string[] => {
    const seen = new Set<string>([from]);
    const found: string[] = [];
    const ahead = [...(needs.get(from) ?? [])];
    for (let name = ahead.shift(); name !== undefined; name = ahead.shift()) {
      if (seen.has(name)) continue;
      seen.add(name);
      if (wanted.has(name)) found.push(name);
      else ahead.push(...(needs.get(name) ?? []));
    }
    return found;
  };
  return new Map([...wanted].map((name) => [name, reached(name)]));
}

/** Each behind what it needs, without the needs that close a circle. */
function walked(needs: Needs): { order: string[]; edges: Map<string, string[]>; circles: string[][] } {
  const order = new Set<string>();
  const edges = new Map<string, string[]>();
  const circles: string[][] = [];
  const visit = (name: string, path: readonly string[]) => {
    if (order.has(name)) return;
    const kept: string[] = [];
    const way = [...path, name];
    for (const need of needs.get(name) ?? []) {
      if (!needs.has(need)) continue;
      const at = way.indexOf(need);
      if (at !== -1) {
        circles.push([...way.slice(at), need]);
        continue;
      }
      visit(need, way);
      kept.push(need);
    }
    edges.set(name, kept);
    order.add(name);
  };
  for (const name of needs.keys()) visit(name, []);
  return { order: [...order], edges, circles };
}
