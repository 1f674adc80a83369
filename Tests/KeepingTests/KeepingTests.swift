import Testing

@testable import Keeping
