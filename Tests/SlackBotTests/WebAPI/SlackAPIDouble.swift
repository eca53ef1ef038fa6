import Bridge
import Logging
import TestKit
import Testing

@testable import SlackBot

/// Slack's Web API on loopback, with responses that the test scripts; `slack_api_double.py` describes their form.
struct SlackAPIDouble: Sendable {
    /// A call as the double received it.
    struct Call: Sendable {
        let method: String
        /// In seconds, on the double's clock.
        let time: Double
        /// The number of the connection, from 1 on.
        let connection: Int
        let body: JSONValue
        let authorization: String?

        init(_ json: JSONValue) {
            method = json["method"]?.string ?? ""
            time = json["at"]?.double ?? 0
            connection = json["connection"]?.int ?? 0
            body = json["body"] ?? .null
            authorization = json["authorization"]?.string
        }
    }

    static let botToken = "xoxb-double-0123456789"
    static let appToken = "xapp-double-0123456789"

    private let peer: PeerProcess
    /// The client of the API; the double itself is asked with another one, so that the API has its connections alone.
    let http: HTTPClient
    private let control: HTTPClient

    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    var base: String { "http://127.0.0.1:\(peer.port)" }
    /// A response_url.
    var hook: String { "\(base)/hook/1" }

    /// Runs the double for the duration of `body`.
    static func run(_ body: (SlackAPIDouble) async throws -> Void) async throws {
        let peer = try await PeerProcess.python("slack_api_double.py")
        let http = HTTPClient(.init(proxy: ""), logger: logger)
        let control = HTTPClient(.init(proxy: ""), logger: logger)
        var failure: (any Error)?
        do {
            try await body(SlackAPIDouble(peer: peer, http: http, control: control))
        } catch {
            failure = error
        }
        await http.shutdown()
        await control.shutdown()
        await peer.stop()
        if let failure { throw failure }
    }

    private init(peer: PeerProcess, http: HTTPClient, control: HTTPClient) {
        self.peer = peer
        self.http = http
        self.control = control
    }

    /// A client of the double.
    ///
    /// - Parameter backoff: short, so that repetitions take no time.
    func api(backoff: Duration = .milliseconds(10)) -> SlackAPI {
        SlackAPI(
            baseURL: "\(base)/api/", botToken: Secret(Self.botToken), appToken: Secret(Self.appToken), http: http,
            backoff: backoff, logger: Self.logger)
    }

    /// Queues replies to calls of a method; a call without one succeeds.
    func script(_ method: String, _ replies: [JSONValue]) async throws {
        let body: JSONValue = .object([method: .array(replies)])
        let response = try await control.send(HTTPClient.Request("POST", "\(base)/_script", body: body.bytes()))
        _ = try await response.collect(upTo: 10_000)
    }

    /// The calls until now, of one method or of all.
    func calls(_ method: String? = nil) async throws -> [Call] { try await read("/_journal", method) }

    /// The calls of a method once there are `least` of them, at most 20 s later.
    func calls(_ method: String, atLeast least: Int) async throws -> [Call] {
        try await read("/_await?method=\(method)&least=\(least)", method)
    }

    private func read(_ path: String, _ method: String?) async throws -> [Call] {
        let response = try await control.send(HTTPClient.Request("GET", base + path))
        let journal = try JSONValue(parsing: await response.collect(upTo: 10_000_000))
        let calls = (journal["calls"]?.array ?? []).map(Call.init)
        return calls.filter { method == nil || $0.method == method }
    }
}

extension JSONValue {
    /// A reply `{"ok": false}` with that code.
    static func slackError(_ code: String) -> JSONValue { ["body": ["ok": false, "error": .string(code)]] }
    /// HTTP 429 with `Retry-After`, or without it for nil.
    static func slackRateLimit(_ seconds: Int64?) -> JSONValue {
        var reply: JSONValue = ["status": 429, "body": ["ok": false, "error": "ratelimited"]]
        if let seconds { reply["retry_after"] = .int(seconds) }
        return reply
    }
    /// The connection is reset instead of a response.
    static let slackReset: JSONValue = ["close": true]
    /// A status with a body that is not Slack's.
    static func slackStatus(_ status: Int64) -> JSONValue { ["status": .int(status), "body": "<html>no</html>"] }
}

/// The error of a call that must fail with a ``SlackError``.
func slackError(
    isolation: isolated (any Actor)? = #isolation, sourceLocation: SourceLocation = #_sourceLocation,
    _ call: () async throws -> Void
) async throws -> SlackError {
    let error = await #expect(throws: SlackError.self, sourceLocation: sourceLocation) { try await call() }
    return try #require(error, sourceLocation: sourceLocation)
}
