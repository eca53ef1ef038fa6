import Bridge
import Logging
import SlackEmulator
import TestKit
import Testing

@testable import SlackBot

@Suite("Files are read from Slack", .timeLimit(.minutes(5)))
struct DownloadScenarios {
    /// Runs a client of an emulated workspace, and the file that ana attached in #ops.
    private func run(
        _ content: [UInt8], in options: EmulatorOptions = EmulatorOptions(),
        _ body: @escaping @Sendable (SlackAPI, SlackFile, Emulator) async throws -> Void
    ) async throws {
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        try await withEmulator(options, logger: logger) { emulator in
            try emulator.say(as: "ana", in: "#ops", "look", files: [UserFile("a.csv", content)])
            let file = try #require(emulator.messages("#ops").last?.files.first.flatMap(SlackFile.init))
            let http = HTTPClient(logger: logger)
            let api = SlackAPI(
                baseURL: emulator.apiURL, botToken: Secret(emulator.options.botToken),
                appToken: Secret(emulator.options.appToken), http: http, backoff: .milliseconds(10), logger: logger)
            let result = await Result { try await body(api, file, emulator) }
            await http.shutdown()
            try result.get()
        }
    }

    private func code(_ call: () async throws -> Void) async -> String? {
        do {
            try await call()
            return nil
        } catch {
            return (error as? SlackError)?.code
        }
    }

    @Test("a large file is read to the limit and no further, and a smaller one as a whole")
    func limit() async throws {
        let content = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
        try await run(content) { api, file, _ in
            let part = try await api.download(file, upTo: 1_000_000)
            #expect(part.bytes == Array(content.prefix(1_000_000)) && !part.isWhole)
            let whole = try await api.download(file, upTo: content.count)
            #expect(whole.bytes == content && whole.isWhole)
        }
    }

    @Test("an app without the scope is sent to the login page, which is not taken for the file, nor is it followed")
    func scope() async throws {
        var options = EmulatorOptions()
        options.scopes.remove("files:read")
        try await run(Array("a;b".utf8), in: options) { api, file, emulator in
            let content = await code { _ = try await api.download(file, upTo: 100) }
            let info = await code { _ = try await api.file(file.id) }
            #expect(content == "login_page" && info == "missing_scope")
            #expect(emulator.snapshot.calls("url_private").count == 1)
        }
    }

    @Test("a file that names an address outside of Slack is not read: the token stays here")
    func elsewhere() async throws {
        try await run(Array("a;b".utf8)) { api, file, emulator in
            var json = file.json
            json["url_private_download"] = "http://127.0.0.1:9/files/F1"
            let moved = try #require(SlackFile(json))
            let refusal = await code { _ = try await api.download(moved, upTo: 100) }
            #expect(refusal == "untrusted_url")
            #expect(emulator.snapshot.calls("url_private").isEmpty)
        }
    }

    @Test("the server for files fails once, and once for a rate limit: the file is read nevertheless")
    func repeated() async throws {
        try await run(Array("a;b".utf8)) { api, file, emulator in
            emulator.inject(APIFault("url_private", .status(503)))
            let first = try await api.download(file, upTo: 100)
            #expect(String(decoding: first.bytes, as: UTF8.self) == "a;b")
            emulator.inject(APIFault("url_private", .status(429, retryAfter: 0)))
            let second = try await api.download(file, upTo: 100)
            #expect(second == first && second.isWhole)
        }
    }
}
