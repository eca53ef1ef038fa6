import Bridge
import Logging

/// Client of Slack's Web API on the app's HTTP client: pacing, rate limits and errors of the response body in one
/// place.
struct SlackAPI: Sendable {
    /// The token that a method needs.
    enum Token: Sendable { case bot, app }

    /// The most attempts of a call that Slack refused for its rate limit or that did not reach Slack.
    private static let attempts = 5
    /// The longest single wait of a call; where a longer one is needed the error is thrown.
    static let longestWait = Duration.seconds(60)

    let baseURL: String
    private let botToken: Secret
    private let appToken: Secret
    private let http: HTTPClient
    let limiter: SlackRateLimiter
    private let backoff: Duration
    let usesEmoji: @Sendable () -> Bool
    private let logger: Logger

    /// - Parameters:
    ///   - backoff: the wait before the first repetition of a call when Slack names none; doubled for each further one.
    ///   - usesEmoji: whether Omni's own texts keep their emoji; asked at each call.
    init(
        baseURL: String, botToken: Secret, appToken: Secret, http: HTTPClient,
        limiter: SlackRateLimiter = SlackRateLimiter(),
        backoff: Duration = .seconds(2), usesEmoji: @escaping @Sendable () -> Bool = { true }, logger: Logger
    ) {
        self.baseURL = baseURL.hasSuffix("/") ? baseURL : baseURL + "/"
        self.botToken = botToken
        self.appToken = appToken
        self.http = http
        self.limiter = limiter
        self.backoff = backoff
        self.usesEmoji = usesEmoji
        self.logger = logger
    }

    /// Calls a method with JSON arguments (write methods) and returns the whole response. Waits for the rate limits of
    /// the method and channel, and for a `Retry-After` of at most `maxWait`. Throws ``SlackError``.
    ///
    /// - Parameters:
    ///   - isRepeated: whether a call that Slack did not carry out is repeated here; else its error is thrown at once.
    ///   - isWanted: called after the waits, right before the request is sent; when it returns false,
    ///     `CancellationError` is thrown and nothing is sent.
    func call(
        _ method: String, _ arguments: JSONObject, as token: Token = .bot, maxWait: Duration = longestWait,
        isRepeated: Bool = true, isWanted: () async throws -> Bool = { true }
    ) async throws -> JSONValue {
        let body = body(arguments)
        let channel = arguments["channel"]?.string
        return try await paced(method, channel: channel, maxWait: maxWait, isRepeated: isRepeated) {
            guard try await isWanted() else { throw CancellationError() }
            await limiter.recordCall(method)
            return try await send(method, type: "application/json; charset=utf-8", body: body, as: token)
        }
    }

    /// Calls a method with form arguments: read methods accept no JSON (docs.slack.dev, Web API).
    ///
    /// - Parameters: see ``call(_:_:as:maxWait:isRepeated:isWanted:)``.
    func form(
        _ method: String, _ arguments: [(String, String)] = [], as token: Token = .bot, isRepeated: Bool = true,
        isWanted: () async throws -> Bool = { true }
    ) async throws -> JSONValue {
        let body = arguments.map { "\(Self.encode($0))=\(Self.encode($1))" }.joined(separator: "&")
        return try await paced(method, channel: nil, isRepeated: isRepeated) {
            guard try await isWanted() else { throw CancellationError() }
            return try await send(method, type: "application/x-www-form-urlencoded", body: Array(body.utf8), as: token)
        }
    }

    /// Posts to a `response_url`, which carries its own authorization: at most 5 posts in 30 minutes, no token.
    func respond(
        to url: String, _ message: JSONObject, isRepeated: Bool = true,
        isWanted: () async throws -> Bool = { true }
    ) async throws {
        guard isTrusted(responseURL: url) else { throw SlackError("untrusted_url", method: "response_url") }
        let body = body(message)
        try await paced("response_url", channel: url, isRepeated: isRepeated) {
            guard try await isWanted() else { throw CancellationError() }
            let request = HTTPClient.Request(
                "POST", url, headers: [("Content-Type", "application/json")], body: body, timeouts: Self.timeouts)
            let (response, bytes) = try await exchange(request, "response_url", upTo: 8 << 10)
            guard response.status != 200 else { return }
            // Slack names the reason (`used_url`, `invalid_blocks`) in the body, which is not trusted.
            let code = (try? JSONValue(lenient: bytes))?["error"]?.string.flatMap { Self.isCode($0) ? $0 : nil }
            throw SlackError(
                response.status == 429 ? "ratelimited" : code ?? "http_\(response.status)", method: "response_url",
                retryAfter: Self.retryAfter(response), mayHaveHappened: response.status >= 500)
        }
    }

    private func body(_ arguments: JSONObject) -> [UInt8] {
        JSONValue.object(usesEmoji() ? arguments : OwnEmoji.removed(from: arguments)).bytes()
    }

    private static func isCode(_ text: String) -> Bool {
        text.utf8.count <= 64 && text.allSatisfy { $0.isASCII && ($0.isLowercase || $0 == "_") }
    }

    /// Whether the URL is on Slack's host, or on loopback when the API is there too.
    func isTrusted(responseURL url: String) -> Bool {
        url.hasPrefix("https://hooks.slack.com/") || url.hasPrefix("https://hooks.slack-gov.com/")
            || (Loopback.isLoopback(baseURL) && Loopback.isLoopback(url))
    }

    /// Makes a call within the method's rate limit, and repeats it where Slack did not carry it out.
    func paced<Answer>(
        _ method: String, channel: String?, maxWait: Duration = longestWait, isRepeated: Bool = true,
        _ send: () async throws -> Answer
    ) async throws -> Answer {
        var attempt = 1
        while true {
            if let wait = try await limiter.wait(method: method, channel: channel, atMost: maxWait) {
                throw SlackError("ratelimited", method: method, retryAfter: wait)
            }
            do {
                return try await send()
            } catch let error as SlackError {
                let wait = error.retryAfter ?? backoff * (1 << (attempt - 1))
                guard isRepeated, isRepeatable(error, attempt), wait <= maxWait else {
                    if error.isRateLimit { await limiter.hold(method: method, channel: channel, for: wait) }
                    throw error
                }
                logger.info(
                    "A call of Slack is repeated after a wait.",
                    metadata: ["method": "\(method)", "code": "\(error.code)", "seconds": "\(wait.components.seconds)"])
                if error.isRateLimit { await limiter.hold(method: method, channel: channel, for: wait) }
                attempt += 1
                try await Task.sleep(for: wait)
            }
        }
    }

    /// A call is repeated when Slack did not carry it out: a rate limit, or a connection that was never made. After a
    /// lost response a posted message may exist: the caller decides. A call of an ``idempotent`` method is repeated at
    /// most twice.
    private func isRepeatable(_ error: SlackError, _ attempt: Int) -> Bool {
        if error.isRateLimit || (error.code == "unreachable" && !error.mayHaveHappened) {
            return attempt < Self.attempts
        }
        return error.mayHaveHappened && Self.idempotent.contains(error.method) && attempt < 3
    }

    /// Methods that are repeated after a lost response, so that one lost packet fails neither the final edit of an
    /// answer, nor the look-up of an asker, nor the reading of a history. (`apps.connections.open` has its own
    /// backoff.)
    private static let idempotent: Set<String> = [
        "chat.update", "chat.delete", "users.info", "conversations.history", "conversations.list",
        "conversations.open", "conversations.replies", "views.publish", "files.info", downloading,
    ]

    /// The name of a download where others have their method.
    static let downloading = "url_private"

    /// Requests a file with the bot's token, which goes to trusted hosts only; a redirection is not followed. Returns
    /// when the head of the response has arrived. Throws ``SlackError`` `untrusted_url`, and what ``HTTPClient`` throws.
    func request(file url: String, timeouts: HTTPClient.Timeouts) async throws -> HTTPClient.Response {
        guard isTrusted(fileURL: url) else { throw SlackError("untrusted_url", method: Self.downloading) }
        let headers = [("Authorization", "Bearer \(botToken.revealed)")]
        return try await http.send(HTTPClient.Request("GET", url, headers: headers, timeouts: timeouts))
    }

    private func send(_ method: String, type: String, body: [UInt8], as token: Token) async throws -> JSONValue {
        let secret = token == .bot ? botToken : appToken
        let request = HTTPClient.Request(
            "POST", baseURL + method,
            headers: [("Authorization", "Bearer \(secret.revealed)"), ("Content-Type", type)], body: body,
            timeouts: Self.timeouts)
        let (response, bytes) = try await exchange(request, method, upTo: 8 << 20)
        let retryAfter = Self.retryAfter(response)
        if response.status == 429 { throw SlackError("ratelimited", method: method, retryAfter: retryAfter) }
        guard let answer = try? JSONValue(lenient: bytes), let ok = answer["ok"]?.bool else {
            let code = response.status == 200 ? "bad_answer" : "http_\(response.status)"
            throw SlackError(code, method: method, retryAfter: retryAfter, mayHaveHappened: response.status != 404)
        }
        guard ok else { throw Self.error(in: answer, response, method) }
        return answer
    }

    private static let timeouts = HTTPClient.Timeouts(head: .seconds(20), idle: .seconds(20), total: .seconds(40))

    /// Sends a request and reads the response, of at most `limit` bytes. Throws ``SlackError``.
    func exchange(
        _ request: HTTPClient.Request, _ method: String, upTo limit: Int
    ) async throws -> (HTTPClient.Response, [UInt8]) {
        do {
            let response = try await http.send(request)
            return (response, try await response.collect(upTo: limit))
        } catch let error as HTTPClient.Failure {
            throw SlackError(
                "unreachable", method: method, detail: error.message, mayHaveHappened: !error.isConnectionFailure)
        }
    }

    /// The header in whole seconds; any other form counts as absent.
    static func retryAfter(_ response: HTTPClient.Response) -> Duration? {
        response.headers["Retry-After"].flatMap(UInt32.init).map { .seconds(Int64($0)) }
    }

    private static func error(in answer: JSONValue, _ response: HTTPClient.Response, _ method: String) -> SlackError {
        let code = answer["error"]?.string ?? "unknown_error"
        let messages = answer["response_metadata"]?["messages"]?.array?.compactMap(\.string) ?? []
        let needed = answer["needed"]?.string.map { "needs the scope \($0)" }
        return SlackError(
            code, method: method,
            detail: needed ?? (messages.isEmpty ? nil : messages.prefix(3).joined(separator: "; ")),
            retryAfter: retryAfter(response),
            // "It's possible some aspect of the operation succeeded" (docs.slack.dev, errors of every method).
            mayHaveHappened: response.status >= 500 || code == "fatal_error" || code == "internal_error")
    }

    private static func encode(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let hex = String(byte, radix: 16, uppercase: true)
                encoded += hex.count == 1 ? "%0\(hex)" : "%\(hex)"
            }
        }
        return encoded
    }
}
