"""What durable-rules 2.0.28 does when it is used freely: one function per defect, each run in a process of its own.

Usage: durable_defects.py NAME. Prints what it saw as JSON; several of them kill the process or never come back.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import durable_rules_engine as engine

GUARD = 5000  # firings after which a loop is taken to be endless
ENDLESS = 7  # exit status for it


def ruleset(rules: dict[str, Any]) -> int:
    return engine.create_ruleset("probe", json.dumps(rules, ensure_ascii=False))  # type: ignore[no-any-return]


def drain(handle: int, state: int) -> list[str]:
    found: list[str] = []
    action = engine.start_action_for_state(handle, state)
    message = action[1] if action else None
    while message:
        found += json.loads(message)
        if len(found) > GUARD:
            os._exit(ENDLESS)
        message = engine.complete_and_start_action(handle, state)
    return found


def tell(handle: int, fact: dict[str, Any], call: Any = engine.assert_fact) -> list[str]:
    code, state = call(handle, json.dumps({"sid": "s", **fact}, ensure_ascii=False))
    if code == 2:
        return ["observed"]
    return drain(handle, state)


def fired(rules: dict[str, Any], *facts: dict[str, Any]) -> list[str]:
    handle = ruleset(rules)
    return [name for number, fact in enumerate(facts) for name in tell(handle, {"id": f"f{number}", **fact})]


def one(condition: Any, *facts: dict[str, Any]) -> list[str]:
    return fired({"r": {"all": [{"m": condition}]}}, *facts)


def error(build: Any) -> str:
    try:
        return f"no error: {build()!r}"
    except Exception as problem:
        return type(problem).__name__


def delete_state_before_any_action() -> Any:
    used = [os.urandom(size) for size in range(16, 4000, 7) for _ in range(20)]
    del used  # memory that was used before is not zero
    handle = ruleset({"r": {"all": [{"m": {"$and": [{"a": 1}, {"b": 1}]}}]}})
    for number in range(200):
        engine.assert_fact(handle, json.dumps({"sid": f"s{number}", "id": "x", "a": 2, "c": "y" * 50}))
        engine.delete_state(handle, f"s{number}")
    return "survived"


def two_correlated_rules() -> Any:
    from durable.lang import c, m, post, ruleset, when_all

    with ruleset("metrics"):

        @when_all(c.first << (m.metric == "A") & (m.amount > 10), c.second << (m.metric == "B") & (m.amount > c.first.amount))
        def more(context: Any) -> None: ...

        @when_all(c.first << (m.metric == "A") & (m.amount > 50), c.second << (m.metric == "B") & (m.amount < c.first.amount))
        def less(context: Any) -> None: ...

    for metric, amount in (("A", 100), ("B", 200)):
        try:
            post("metrics", {"metric": metric, "amount": amount})
        except Exception as problem:
            print(repr(problem), file=sys.stderr)
    return "survived"


def integer_division_by_zero() -> Any:
    return one({"$gt": {"a": {"$div": {"$l": {"$m": "b"}, "$r": {"$m": "c"}}}}}, {"a": 1, "b": 2, "c": 0})


def absence_matches_the_engines_own_fact() -> Any:
    from durable import engine as lang

    host = lang.Host()
    seen = []

    def run(context: Any) -> None:
        seen.append(1)
        if len(seen) > GUARD:
            os._exit(ENDLESS)

    host.set_rulesets({"probe": {"r": {"all": [{"m": {"$nex": {"x": 1}}}], "run": run}}})
    host.assert_fact("probe", {"sid": "s", "id": "x", "y": 1})
    return len(seen)


def a_rule_that_posts_again() -> Any:
    from durable import engine as lang

    host = lang.Host()
    seen = []

    def run(context: Any) -> None:
        seen.append(1)
        if len(seen) > GUARD:
            os._exit(ENDLESS)
        context.post({"n": 1, "id": f"p{len(seen)}"})

    host.set_rulesets({"probe": {"r": {"all": [{"m": {"n": 1}}], "run": run}}})
    host.post("probe", {"sid": "s", "id": "x", "n": 1})
    return len(seen)


def a_thousand_different_conditions() -> Any:
    return one_of_many(1000)


def one_of_many(number: int) -> Any:
    rules = {f"r{index}": {"all": [{"m": {"$and": [{"d": "x"}, {f"a{index}": 1}]}}]} for index in range(number)}
    handle = ruleset(rules)
    return error(lambda: [tell(handle, {"id": f"f{index}", "d": "x", f"a{index}": 1}) for index in range(number)])


def rules_matching_at_once(number: int) -> Any:
    rules = {f"r{index}": {"all": [{"m": {f"a{index}": 1}}]} for index in range(number)}
    return error(lambda: len(fired(rules, {f"a{index}": 1 for index in range(number)})))


def sixty_four_matches() -> Any:
    return rules_matching_at_once(64)


def sixty_five_matches() -> Any:
    return rules_matching_at_once(65)


def one_condition_in_257_rules() -> Any:
    return error(lambda: ruleset({f"r{index}": {"all": [{"m": {"a": 1}}]} for index in range(257)}))


def null_beside_a_correlated_rule() -> Any:
    rules = {
        "good": {"all": [{"m": {"t": "b"}}]},
        "cross": {"all": [{"first": {"t": "a"}}, {"second": {"$and": [{"t": "b"}, {"$gt": {"v": {"first": "v"}}}]}}]},
    }
    handle = ruleset(rules)
    tell(handle, {"id": "1", "t": "a", "v": 1})
    return error(lambda: tell(handle, {"id": "2", "t": "b", "v": None}))


def records_of_one_hash_join() -> Any:
    handle = ruleset({"r": {"all": [{"x": {"a": 1}}, {"y": {"b": 1}}]}})
    tell(handle, {"sid": "361b29260e", "id": "1", "a": 1})
    return tell(handle, {"sid": "ff76b43f9e", "id": "2", "b": 1})


def properties_of_one_hash_are_one() -> Any:
    return one({"custom_field_139599": 1}, {"custom_field_322382": 1})


def generated_ids_collide() -> Any:
    handle = ruleset({"r": {"all": [{"m": {"$gte": {"n": 0}}}]}})
    for number in range(66_000):
        code, _ = engine.assert_fact(handle, json.dumps({"n": number}))
        if code == 2:
            return number
    return None


def long_strings_are_equal() -> Any:
    return one({"a": "x" * 65_536}, {"a": "y" * 65_536})


def either_of_two_fires_twice() -> Any:
    return one({"$or": [{"a": 1}, {"b": 1}]}, {"a": 1, "b": 1})


def negation_depends_on_order() -> Any:
    rules = {"r": {"all": [{"first": {"t": "deposit"}}, {"none$not": {"t": "cancel"}}]}}
    return [fired(rules, {"t": "deposit"}, {"t": "cancel"}), fired(rules, {"t": "cancel"}, {"t": "deposit"})]


def whole_and_decimal_do_not_join() -> Any:
    rules = {"r": {"all": [{"first": {"t": "a"}}, {"second": {"$and": [{"t": "b"}, {"v": {"first": "v"}}]}}]}}
    return [fired(rules, {"t": "a", "v": 100}, {"t": "b", "v": value}) for value in (100, 100.0)]


def order_of_strings() -> Any:
    return [one({"$lt": {"a": right}}, {"a": left}) for left, right in (("a", "a b"), ("ab", "ab!"), ("a", "b"))]


def numbers_and_strings() -> Any:
    pairs: list[tuple[Any, Any]] = [("$gt", ("5", 10)), ("$gt", ("abc", 10))]
    return [one({operator: {"a": right}}, {"a": left}) for operator, (left, right) in pairs] + [
        one({"a": right}, {"a": left}) for left, right in ((100, "100"), (True, 1), (True, "true"))
    ]


def large_whole_numbers() -> Any:
    return [one({"a": 10**20}, {"a": 10**19}), one({"$gt": {"a": 10**19}}, {"a": 10**20})]


def numbers_with_an_exponent() -> Any:
    return [error(lambda value=value: one({"$gt": {"a": 0}}, {"a": value})) for value in (1e-05, 1e16)]


def an_event_is_consumed_by_one_rule() -> Any:
    handle = ruleset({f"r{index}": {"all": [{"m": {"a": 1}}]} for index in range(5)})
    return [len(tell(handle, {"id": "e", "a": 1}, engine.assert_event)), len(tell(handle, {"id": "f", "a": 1}))]


def a_failing_action_is_swallowed() -> Any:
    from durable import engine as lang

    host = lang.Host()

    def run(context: Any) -> None:
        raise RuntimeError("lost")

    host.set_rulesets({"probe": {"r": {"all": [{"m": {"a": 1}}], "run": run}}})
    state = host.assert_fact("probe", {"sid": "s", "id": "x", "a": 1})
    return "lost" in json.dumps(state)


def a_batch_leaves_facts_behind() -> Any:
    handle = ruleset({"r": {"all": [{"m": {"a": 1}}]}})
    code, _ = engine.assert_facts(handle, json.dumps([{"sid": "s", "id": "1", "a": 1}, {"sid": "s", "id": "2", "z": 1}]))
    return [code, tell(handle, {"id": "3", "z": 2})]


def too_many_properties() -> Any:
    return [
        error(lambda number=number: one({"a": 1}, {"a": 1, **{f"p{index}": 1 for index in range(number)}}))
        for number in (200, 300)
    ]


def too_many_records() -> Any:
    handle = ruleset({"r": {"all": [{"m": {"a": 1}}]}})
    for number in range(1100):
        try:
            engine.assert_fact(handle, json.dumps({"sid": f"s{number}", "id": "x", "a": 1}))
        except Exception as problem:
            return [number >= 1000, type(problem).__name__]
    return None


def too_many_patterns() -> Any:
    def patterns(number: int) -> str:
        rules = {"r": {"all": [{f"m{index}": {"k": index}} for index in range(number)]}}
        return error(lambda: fired(rules, *({"k": index} for index in range(number))))

    return [patterns(16), patterns(17)]


def regular_expressions() -> Any:
    patterns = ((r"\d+", "12"), ("^ab$", "ab"), ("(a", "a"), ("a.*", "abc"))
    return [error(lambda p=pattern, v=value: one({"$mt": {"a": p}}, {"a": v})) for pattern, value in patterns]


def retract_after_a_join_has_fired() -> Any:
    for number in range(4, 15):
        handle = ruleset({"r": {"all": [{f"m{index}": {"$and": [{"t": 2}, {"k": index}]}} for index in range(number)]}})
        for _ in range(200):
            facts = [{"id": f"k{index}", "t": 2, "k": index} for index in range(number)]
            for fact in facts:
                tell(handle, fact)
            for fact in reversed(facts):
                engine.retract_fact(handle, json.dumps({"sid": "s", **fact}))
    return "survived"


def a_second_key_is_ignored() -> Any:
    return one({"x": 1, "y": 2}, {"x": 1, "y": 9})


def an_unknown_alias_matches() -> Any:
    return error(lambda: one({"x": {"nobody": "y"}}, {"x": 1, "y": 2}))


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]](), ensure_ascii=False))
