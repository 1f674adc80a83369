import Testing

@testable import Connecting
