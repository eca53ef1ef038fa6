/// Waits until the condition holds, looking every 20 ms.
///
/// - Parameters:
///   - what: what is waited for, as the end of "waited until …".
///   - limit: how long it may take.
/// - Throws: ``ConditionTimeout`` after the limit, with which the test fails; what the condition throws.
package func eventually(
    _ what: String, within limit: Duration = .seconds(30), fileID: String = #fileID, line: Int = #line,
    _ condition: () async throws -> Bool
) async throws {
    try await eventually(what, within: limit, fileID: fileID, line: line) { () -> Bool? in
        try await condition() ? true : nil
    }
}

/// Waits until there is a value, looking every 20 ms, and returns it. Otherwise as with a condition.
@discardableResult
@_disfavoredOverload
package func eventually<Value: Sendable>(
    _ what: String, within limit: Duration = .seconds(30), fileID: String = #fileID, line: Int = #line,
    _ value: () async throws -> Value?
) async throws -> Value {
    let end = ContinuousClock.now + limit
    repeat {
        if let found = try await value() { return found }
        try await Task.sleep(for: .milliseconds(20))
    } while ContinuousClock.now < end
    throw ConditionTimeout("waited \(limit) in vain until \(what) (\(fileID):\(line))")
}

/// Thrown when something that a test waits for did not happen in time.
package struct ConditionTimeout: Error, CustomStringConvertible {
    package let description: String

    fileprivate init(_ description: String) { self.description = description }
}
