import Bridge
import Foundation
import Logging
import TestKit

@testable import SlackBot

/// The strict double of Anthropic's API as the model of a scenario.
struct ModelDouble: Sendable {
    let peer: PeerProcess

    static let key = "sk-ant-scenario-0123456789"

    /// Runs the double for the duration of `body`; in `ops` mode it answers without a script, with the tools that it
    /// is offered.
    static func run(ops: Bool = false, _ body: @escaping @Sendable (ModelDouble) async throws -> Void) async throws {
        let arguments = ["--key", key] + (ops ? ["--mode", "ops"] : [])
        let peer = try await PeerProcess.python("anthropic_double.py", arguments)
        do {
            try await body(ModelDouble(peer: peer))
        } catch {
            await peer.stop()
            throw error
        }
        await peer.stop()
    }

    var url: String { "http://127.0.0.1:\(peer.port)" }

    var plan: InProcessBot.Plan {
        var plan = InProcessBot.Plan()
        plan.settings = """
            app: {port: 0}
            llm: {provider: anthropic, model: claude-sonnet-5-5}
            """
        plan.environment = ["ANTHROPIC_API_KEY": Self.key, "ANTHROPIC_BASE_URL": url]
        return plan
    }

    func script(_ replies: JSONValue..., in bot: InProcessBot) async throws {
        try await post(["replies": .array(replies)], over: bot.omni.app.http)
    }

    /// Sets replies that are chosen by the number of turns in the conversation.
    func scriptByTurn(_ replies: [JSONValue]) async throws {
        let http = HTTPClient(logger: Logger(label: "double", factory: { _ in SwiftLogNoOpLogHandler() }))
        let body: JSONValue = ["replies": .array(replies), "by_turn": true]
        let result = await Result { try await post(body, over: http) }
        await http.shutdown()
        try result.get()
    }

    private func post(_ body: JSONValue, over http: HTTPClient) async throws {
        let response = try await http.send(HTTPClient.Request("POST", "\(url)/_script", body: body.bytes()))
        _ = try await response.collect(upTo: 10_000)
    }

    func journal(in bot: InProcessBot) async throws -> [JSONValue] { try await journal(over: bot.omni.app.http) }

    /// The requests that the double has received, read by a client of its own.
    func journal() async throws -> [JSONValue] {
        let http = HTTPClient(logger: Logger(label: "double", factory: { _ in SwiftLogNoOpLogHandler() }))
        let result = await Result { try await journal(over: http) }
        await http.shutdown()
        return try result.get()
    }

    private func journal(over http: HTTPClient) async throws -> [JSONValue] {
        let response = try await http.send(HTTPClient.Request("GET", "\(url)/_journal"))
        return try JSONValue(parsing: await response.collect(upTo: 10_000_000))["requests"]?.array ?? []
    }
}

/// The `omni` executable that was built with the tests, or the one that `OMNI_TEST_PROGRAM` names.
enum Program {
    static var omni: String {
        if let named = ProcessInfo.processInfo.environment["OMNI_TEST_PROGRAM"] { return named }
        let bundle = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        let beside = bundle.deletingLastPathComponent().appending(path: "omni").path()
        // `swift test` runs the test bundle itself or a helper of the toolchain; in the second case the build folder
        // is used.
        if FileManager.default.isExecutableFile(atPath: beside) { return beside }
        return Repository.root.appending(path: ".build/debug/omni").path()
    }

    /// Runs `omni` until it exits, in an empty folder (it reads `.env` from its working directory), with only those
    /// variables of this process's environment that a program needs. `meanwhile` receives its process id.
    static func run(
        _ arguments: [String], environment: [String: String] = [:], within limit: Duration = .seconds(300),
        meanwhile: @escaping @Sendable (Int32) async -> Void = { _ in }
    ) async throws -> ProgramRun {
        var values = environment
        for name in ["PATH", "HOME", "LANG"] { values[name] = ProcessInfo.processInfo.environment[name] }
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        return try await runProgram(
            omni, arguments, environment: values, folder: folder.path, within: limit, meanwhile: meanwhile)
    }
}
