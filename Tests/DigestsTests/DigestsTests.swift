import Testing

@testable import Digests

@Suite("Digests")
struct DigestsTests {
  @Test("digests are those the standards publish")
  func published() {
    #expect(hex(HashFunction.md5.digest(Array("abc".utf8))) == "900150983cd24fb0d6963f7d28e17f72")
    #expect(hex(HashFunction.sha1.digest(Array("abc".utf8))) == "a9993e364706816aba3e25717850c26c9cd0d89d")
    #expect(
      hex(HashFunction.sha256.digest([])) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }

  @Test("keyed digests are those of RFC 2202 and RFC 4231")
  func keyed() {
    let md5 = HashFunction.md5.authenticationCode(Array("Hi There".utf8), key: Array(repeating: 0x0B, count: 16))
    #expect(hex(md5) == "9294727a3638bb1c13f48ef8158bfc9d")
    let sha256 = HashFunction.sha256.authenticationCode(Array("Hi There".utf8), key: Array(repeating: 0x0B, count: 20))
    #expect(hex(sha256) == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
    #expect(HashFunction.sha256.authenticationCode([], key: []).count == 32)
  }

  @Test(
    "base64 goes both ways (RFC 4648, section 10)",
    arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")])
  func base64Vectors(_ plain: String, _ encoded: String) {
    #expect(base64(Array(plain.utf8)) == encoded)
    #expect(bytes(base64: encoded) == Array(plain.utf8))
    #expect(bytes(base64: "Zg=x") == nil)
  }

  @Test("hexadecimal goes both ways and refuses other text")
  func hexadecimal() {
    #expect(bytes(hex: "00fF") == [0, 255])
    #expect(bytes(hex: "0") == nil)
    #expect(bytes(hex: "0g") == nil)
  }

  @Test("comparison in constant time still tells equal from different")
  func comparison() {
    #expect(equalInConstantTime([1, 2], [1, 2]))
    #expect(!equalInConstantTime([1, 2], [1, 3]))
    #expect(!equalInConstantTime([1], [1, 3]))
  }
}
