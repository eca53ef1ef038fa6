import Bridge
import Logging
import SlackEmulator
import WebSockets

/// Calls the emulator as an app does: over HTTP and a WebSocket.
struct AppClient: Sendable {
    let emulator: Emulator
    let http: HTTPClient

    func call(
        _ method: String, _ arguments: JSONValue = [:], token: String? = nil,
        type: String = "application/json; charset=utf-8"
    ) async throws -> (status: Int, body: JSONValue, retryAfter: String?) {
        let token = token ?? emulator.options.botToken
        return try await send(
            method, body: arguments.bytes(),
            headers: [("Authorization", "Bearer \(token)"), ("Content-Type", type)])
    }

    /// The error code of a call; `ok` when it succeeds.
    func error(_ method: String, _ arguments: JSONValue = [:]) async throws -> String {
        let body = try await call(method, arguments).body
        return body["ok"] == true ? "ok" : body["error"]?.string ?? "?"
    }

    func read(_ method: String, _ query: String, token: String? = nil) async throws -> JSONValue {
        let token = token ?? emulator.options.botToken
        let response = try await http.send(
            HTTPClient.Request(
                "GET", emulator.apiURL + method + "?" + query, headers: [("Authorization", "Bearer \(token)")]))
        return try JSONValue(parsing: try await response.collect(upTo: 1 << 22))
    }

    func send(
        _ method: String, body: [UInt8], headers: [(String, String)]
    ) async throws -> (status: Int, body: JSONValue, retryAfter: String?) {
        let response = try await http.send(
            HTTPClient.Request("POST", emulator.apiURL + method, headers: headers, body: body))
        let bytes = try await response.collect(upTo: 1 << 22)
        return (response.status, try JSONValue(parsing: bytes), response.headers["Retry-After"])
    }

    func post(_ url: String, _ body: JSONValue) async throws -> Int {
        let response = try await http.send(
            HTTPClient.Request("POST", url, headers: [("Content-Type", "application/json")], body: body.bytes()))
        _ = try await response.collect(upTo: 1 << 16)
        return response.status
    }

    func connectionURL() async throws -> String {
        let answer = try await call(
            "apps.connections.open", token: emulator.options.appToken, type: "application/x-www-form-urlencoded")
        guard let url = answer.body["url"]?.string else { throw AppError(words: "no URL: \(answer.body.text())") }
        return url
    }
}

/// An error of the test's app, or of the DevTools protocol.
struct AppError: Error { let words: String }

/// The app's side of one Socket Mode connection.
struct AppSocket: Sendable {
    let socket: WebSocket

    /// The next message; nil when the connection is closed or none came in time.
    func next(within time: Duration = .seconds(15)) async -> JSONValue? {
        await withTaskGroup(of: JSONValue?.self) { group in
            group.addTask {
                for await message in socket.messages {
                    if case .text(let text) = message { return (try? JSONValue(parsing: text)) ?? .string(text) }
                    return "binary"
                }
                return nil
            }
            group.addTask {
                try? await Task.sleep(for: time)
                return nil
            }
            let frame = await group.next() ?? nil
            group.cancelAll()
            return frame
        }
    }

    /// The next envelope of this type; skips others, and acknowledges none.
    func next(_ type: String) async -> JSONValue? {
        while let frame = await next() {
            if frame["type"]?.string == type || frame["payload"]?["event"]?["type"]?.string == type { return frame }
        }
        return nil
    }

    func acknowledge(_ envelope: JSONValue, payload: JSONValue? = nil) async throws {
        var answer: JSONObject = ["envelope_id": envelope["envelope_id"] ?? .null]
        if let payload { answer["payload"] = payload }
        try await socket.send(JSONValue.object(answer).text())
    }
}

extension EmulatorOptions {
    /// Slack's timeouts, extended where a slow machine might miss them.
    static var patient: EmulatorOptions {
        var options = EmulatorOptions()
        options.timeouts.acknowledgement = .seconds(30)
        options.timeouts.trigger = .seconds(60)
        return options
    }
}

/// Runs an emulator, an HTTP client and an event loop of WebSockets for the duration of `body`.
func withWorkspace<Result: Sendable>(
    _ options: EmulatorOptions = EmulatorOptions(),
    _ body: @escaping @Sendable (Emulator, AppClient, WebSocketEventLoop) async throws -> Result
) async throws -> Result {
    var logger = Logger(label: "test")
    logger.logLevel = .error
    return try await withEmulator(options, logger: logger) { [logger] emulator in
        let http = HTTPClient(logger: logger)
        let sockets = try WebSocketEventLoop(logger: logger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await http.run() }
            defer { group.cancelAll() }
            do {
                let result = try await body(emulator, AppClient(emulator: emulator, http: http), sockets)
                await sockets.shutdown()
                await http.shutdown()
                return result
            } catch {
                await sockets.shutdown()
                await http.shutdown()
                throw error
            }
        }
    }
}

extension AppClient {
    /// Opens a connection and reads its `hello`.
    func connect(_ loop: WebSocketEventLoop) async throws -> AppSocket {
        let before = emulator.snapshot.connections.live
        let socket = AppSocket(socket: try await loop.connect(WebSocketRequest(url: try await connectionURL())))
        guard let hello = await socket.next(), hello["type"] == "hello" else { throw AppError(words: "no hello") }
        // The workspace counts a connection once its hello is written, which may be after it is read here.
        guard await emulator.waitUntil(within: .seconds(60), { $0.connections.live > before }) else {
            throw AppError(words: "the workspace does not count the connection")
        }
        return socket
    }
}
