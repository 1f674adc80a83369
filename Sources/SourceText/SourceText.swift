// The texts a user wrote, and places in them.
//
// A place is kept as a `SourceSpan`: a file and a range of UTF-8 byte offsets. Lines and columns exist only for
// people and are computed when a message is written. This module knows nothing of YAML, of messages or of the file
// system: bytes come in from the caller.
//
//     var sources = SourceCollection()
//     let file = sources.add(path: "hubs/sales.yaml", bytes: Array("kind: Hub\n".utf8))
//     file.position(at: 6)  // line 1, column 7
