import Testing

@testable import ServiceRuntime
