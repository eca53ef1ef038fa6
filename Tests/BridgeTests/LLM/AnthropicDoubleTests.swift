import Foundation
import TestKit
import Testing

@testable import Bridge

@Suite("The double of the Anthropic API", .timeLimit(.minutes(2)))
struct AnthropicDoubleTests {
    @Test("the official SDK works with the double, and is refused where the API refuses")
    func officialSDK() async throws {
        try await withPeer("anthropic_double.py") { peer in
            let (status, output) = try await run("anthropic_sdk_check.py", ["\(peer.port)"])
            try #require(status == 0, "\(output)")
            let seen = try JSONValue(parsing: output)
            #expect((seen["cache_read"]?.int ?? 0) > 0)
            #expect(seen["refused"]?.object?.count == 10)
            #expect(
                seen["refused"]?["forced tool"]
                    == #"tool_choice: type "tool" and "any" are not supported for this model."#)
        }
    }

    /// Runs a script of `Tests/Peers` until it exits.
    private func run(_ script: String, _ arguments: [String]) async throws -> (status: Int32, output: String) {
        let ended = try await runProgram(
            Repository.python.path, [Repository.root.appending(path: "Tests/Peers/\(script)").path] + arguments)
        return (ended.status, ended.output + ended.errors)
    }
}
