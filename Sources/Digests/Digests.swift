internal import CLibCrypto

/// A hash function of OpenSSL's.
public enum HashFunction: String, Sendable, CaseIterable {
  /// RFC 1321; only where a vendor's signature demands it.
  case md5
  /// RFC 3174; only where a vendor's signature demands it.
  case sha1
  case sha256
  case sha512

  private var algorithm: OpaquePointer? {
    switch self {
    case .md5: EVP_md5()
    case .sha1: EVP_sha1()
    case .sha256: EVP_sha256()
    case .sha512: EVP_sha512()
    }
  }

  /// The digest of bytes.
  public func digest(_ bytes: [UInt8]) -> [UInt8] {
    bytes.withUnsafeBytes { digest($0) }
  }

  /// The digest of bytes that stand in memory.
  public func digest(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    withFixedBuffer { output, length in
      EVP_Digest(bytes.baseAddress, bytes.count, output, &length, algorithm, nil) == 1
    }
  }

  /// The keyed digest of bytes (RFC 2104).
  public func authenticationCode(_ bytes: [UInt8], key: [UInt8]) -> [UInt8] {
    withFixedBuffer { output, length in
      // HMAC takes no null key, not even one of no bytes.
      let key = key.isEmpty ? [0] : key
      let keyLength = key == [0] ? 0 : Int32(key.count)
      return HMAC(algorithm, key, keyLength, bytes, bytes.count, output, &length) != nil
    }
  }

  private func withFixedBuffer(_ body: (UnsafeMutablePointer<UInt8>, inout UInt32) -> Bool) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: Int(EVP_MAX_MD_SIZE)) { buffer, initialized in
      var length: UInt32 = 0
      guard let output = buffer.baseAddress, body(output, &length) else {
        // OpenSSL refuses only where memory is gone or its configuration forbids the function (a FIPS provider and MD5).
        fatalError("the cryptographic library refused to calculate \(rawValue)")
      }
      initialized = Int(length)
    }
  }
}

/// Bytes from the operating system's generator.
public func randomBytes(_ count: Int) -> [UInt8] {
  [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
    guard RAND_bytes(buffer.baseAddress, Int32(count)) == 1 else { fatalError("no random bytes to be had") }
    initialized = count
  }
}

/// True where both are the same; takes as long whether they differ early or late.
public func equalInConstantTime(_ left: [UInt8], _ right: [UInt8]) -> Bool {
  guard left.count == right.count else { return false }
  return zip(left, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
}
