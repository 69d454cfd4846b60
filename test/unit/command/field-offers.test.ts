import { describe, expect, test } from "vitest";
import { conditionOffers, orderOffers } from "../../../src/command/field-offers.ts";

describe("after --sort", () => {
  test.for([
    { typed: "m", gives: ["mem"] },
    { typed: "-m", gives: ["-mem"] },
    { typed: "mem:", gives: ["mem:asc", "mem:desc"] },
    { typed: "mem:d", gives: ["mem:desc"] },
    { typed: "u", gives: ["uptime"] },
    { typed: "xyz", gives: [] },
  ])("'$typed' can be $gives", ({ typed, gives }) => {
    expect(orderOffers(typed).map(({ value }) => value)).toEqual(gives);
  });

  test("nothing typed offers every field", () => {
    expect(orderOffers("").map(({ value }) => value)).toContain("mem");
    expect(orderOffers("")).toHaveLength(11);
  });
});

describe("after --where", () => {
  test.for([
    { typed: "me", gives: ["mem"] },
    { typed: "mem ", gives: ["mem =", "mem !=", "mem >", "mem >=", "mem <", "mem <=", "mem ~"] },
    { typed: "mem > 200M ", gives: ["mem > 200M and", "mem > 200M or"] },
    { typed: "mem > 200M and st", gives: ["mem > 200M and status"] },
    { typed: "mem > 200M and status = o", gives: ["mem > 200M and status = online"] },
    { typed: "not (status=cr", gives: ["not (status=crashed"] },
    { typed: "(id = 1) o", gives: ["(id = 1) or"] },
    { typed: "name = ", gives: [] },
    { typed: "name = 'a ", gives: [] },
    { typed: "nonsense ", gives: [] },
  ])("'$typed' can go on as $gives", ({ typed, gives }) => {
    expect(conditionOffers(typed).map(({ value }) => value)).toEqual(gives);
  });

  test("nothing typed offers every field, and not", () => {
    expect(conditionOffers("")).toHaveLength(12);
  });
});
