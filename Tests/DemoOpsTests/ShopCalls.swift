import Bridge
import DemoOps
import Foundation
import Testing

/// 2026-11-23 09:30 UTC.
let monday = Date(timeIntervalSince1970: 1_795_426_200)

extension DemoOps {
    static func atNine() throws -> DemoOps { try DemoOps(seed: 1, now: monday) }

    /// Calls a tool and expects success.
    func ask(_ name: String, _ arguments: JSONValue = [:], sourceLocation: SourceLocation = #_sourceLocation)
        async throws -> ToolResult
    {
        let result = try await call(name, arguments: arguments)
        #expect(!result.isError, "\(name): \(result.text)", sourceLocation: sourceLocation)
        return result
    }

    /// The rows of a tool's structured content.
    func rows(_ name: String, _ arguments: JSONValue = [:]) async throws -> [JSONValue] {
        try #require(try await ask(name, arguments).structured?["rows"]?.array)
    }
}
