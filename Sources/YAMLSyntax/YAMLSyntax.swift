// YAML 1.2 as a tree in which every key and scalar knows where it stands.
//
// `parseYAML` is the only way in. Scalars resolve by the core schema of YAML 1.2.2 (`no` is a string), aliases are
// expanded within a budget, and everything the language of the project does not use (tags, merge keys, keys that are
// no scalars) is reported rather than half supported. This module knows nothing of kinds and fields. libyaml stays
// behind `EventParser`.
//
//     let checked = parseYAML(sources.add(path: "hubs/sales.yaml", bytes: bytes))
//     let kind = checked.value?.first?.root?["kind"]?.value.scalar?.text
