#if canImport(Glibc)
  import Glibc
#endif

/// The shapes a reader has met, as a tree of keys: the path from the root to a node is the keys of one kind of object.
///
/// Records of a page follow one path after the other, so each node remembers the key that came next last time. The reader
/// compares the bytes of that key with the text in front of it; where they agree, which is nearly always, no key is
/// decoded, hashed or allocated. (The idea is that of hidden classes: C. Chambers, D. Ungar, E. Lee, "An Efficient
/// Implementation of SELF", 1989.)
struct ShapeTree: ~Copyable {
  struct Node {
    let parent: Int32
    /// The key as it stands in the text, quotes and escapes included; owned by the tree.
    let bytes: UnsafeMutablePointer<UInt8>
    let length: Int
    let key: MapKey
    /// True where a key on the path to here stands there twice.
    let hasDuplicate: Bool
    let depth: Int32
    var firstChild: Int32 = -1
    var nextSibling: Int32 = -1
    var childCount: Int32 = 0
    var predicted: Int32 = -1
    var shape: Shape?
  }

  static let root: Int32 = 0
  /// Objects used as dictionaries would grow a tree without end: beyond these bounds keys are read one by one.
  private static let maximumNodes = 8_192
  private static let maximumChildren: Int32 = 32

  private var nodes: UnsafeMutablePointer<Node>
  private var count = 0
  private var capacity: Int

  init() {
    capacity = 64
    nodes = .allocate(capacity: capacity)
    addRoot()
  }

  deinit {
    for index in 0..<count { nodes[index].bytes.deallocate() }
    nodes.deinitialize(count: count)
    nodes.deallocate()
  }

  /// Starts anew where the tree has become so large that it no longer helps; only between two texts.
  mutating func trim() {
    guard count > ShapeTree.maximumNodes / 2 else { return }
    for index in 0..<count { nodes[index].bytes.deallocate() }
    nodes.deinitialize(count: count)
    count = 0
    addRoot()
  }

  private mutating func addRoot() {
    (nodes + 0).initialize(
      to: Node(
        parent: -1, bytes: .allocate(capacity: 1), length: 0, key: .string(""), hasDuplicate: false, depth: 0,
        shape: .empty))
    count = 1
  }

  /// The node after `node` for the key that starts at `text`, where it is the one that came last time.
  @inline(__always)
  func predicted(after node: Int32, _ text: UnsafePointer<UInt8>, _ available: Int) -> Int32 {
    let candidate = nodes[Int(node)].predicted
    guard candidate >= 0 else { return -1 }
    let length = nodes[Int(candidate)].length
    guard length <= available, memcmp(nodes[Int(candidate)].bytes, text, length) == 0 else { return -1 }
    return candidate
  }

  @inline(__always)
  func length(of node: Int32) -> Int { nodes[Int(node)].length }

  @inline(__always)
  func hasDuplicate(_ node: Int32) -> Bool { nodes[Int(node)].hasDuplicate }

  /// The node after `node` for a key, made where there is none yet; -1 where the tree is full.
  mutating func child(of node: Int32, _ text: UnsafePointer<UInt8>, _ length: Int, key: () -> String) -> Int32 {
    var candidate = nodes[Int(node)].firstChild
    while candidate >= 0 {
      let other = nodes[Int(candidate)]
      if other.length == length, memcmp(other.bytes, text, length) == 0 {
        nodes[Int(node)].predicted = candidate
        return candidate
      }
      candidate = other.nextSibling
    }
    guard count < ShapeTree.maximumNodes, nodes[Int(node)].childCount < ShapeTree.maximumChildren else { return -1 }
    return addChild(of: node, text, length, key: .string(key()))
  }

  private mutating func addChild(
    of node: Int32, _ text: UnsafePointer<UInt8>, _ length: Int, key: MapKey
  ) -> Int32 {
    if count == capacity { grow() }
    let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: length)
    memcpy(bytes, text, length)
    let parent = nodes[Int(node)]
    var isDuplicate = parent.hasDuplicate
    var ancestor = node
    while !isDuplicate, ancestor > 0 {
      isDuplicate = nodes[Int(ancestor)].key == key
      ancestor = nodes[Int(ancestor)].parent
    }
    let index = Int32(count)
    (nodes + count).initialize(
      to: Node(
        parent: node, bytes: bytes, length: length, key: key, hasDuplicate: isDuplicate, depth: parent.depth + 1,
        nextSibling: parent.firstChild))
    count += 1
    nodes[Int(node)].firstChild = index
    nodes[Int(node)].childCount += 1
    nodes[Int(node)].predicted = index
    return index
  }

  /// The shape of the path that ends at a node.
  @inline(__always)
  mutating func shape(at node: Int32) -> Shape {
    if let shape = nodes[Int(node)].shape { return shape }
    let shape = Shape(keys: keys(to: node))
    nodes[Int(node)].shape = shape
    return shape
  }

  /// The keys of the path that ends at a node, duplicates included.
  func keys(to node: Int32) -> [MapKey] {
    var keys: [MapKey] = []
    keys.reserveCapacity(Int(nodes[Int(node)].depth))
    var current = node
    while current > 0 {
      keys.append(nodes[Int(current)].key)
      current = nodes[Int(current)].parent
    }
    keys.reverse()
    return keys
  }

  private mutating func grow() {
    let larger = UnsafeMutablePointer<Node>.allocate(capacity: capacity * 2)
    larger.moveInitialize(from: nodes, count: count)
    nodes.deallocate()
    nodes = larger
    capacity *= 2
  }
}
