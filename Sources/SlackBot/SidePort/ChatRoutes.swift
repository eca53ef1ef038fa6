import Analytics
import AsyncAlgorithms
import Bridge
import Foundation
import Hummingbird

/// `POST /chat/ask`: a question over HTTP, answered as one JSON document or as server-sent events while it is worked
/// on. `POST /chat`: the original's first form, for a user given by Slack id. `GET /chat/questions/{id}`: a question by
/// its id.
struct ChatRoutes: Sendable {
    let questionService: QuestionService
    let resolver: PrincipalResolver
    let installation: Installation
    let directory: SlackDirectory

    var routes: [Route] {
        [
            Route(
                .post, "/chat/ask", "ask", "Answers a question; with stream, as server-sent events.", scope: .chat,
                headers: [.idempotencyKey],
                body: Schema.object(
                    [
                        "user_id": Schema.text, "message": Schema.text, "conversation_id": Schema.text,
                        "stream": Schema.flag,
                    ], required: ["user_id", "message"]),
                response: ["application/json": Schema.named("Answer"), "text/event-stream": Schema.text], use: ask),
            Route(
                .post, "/chat", "chat", "Answers a question of a Slack user.", scope: .chat,
                headers: [.idempotencyKey],
                body: Schema.object(
                    ["question": Schema.text, "slack_user_id": Schema.text, "channel_id": Schema.text],
                    required: ["question", "slack_user_id"]),
                response: .json(Schema.named("Answer")), use: chat),
            Route(
                .get, "/chat/questions/{id}", "question",
                "A question and, when it has ended, its outcome: also of a process that has ended since.", scope: .chat,
                response: .json(Schema.named("Question")), use: question),
        ]
    }

    private func ask(_ request: Request, _ context: SidePortContext) async throws -> Response {
        // A response that streams has already sent status 200, so the limit is checked before.
        try await HTTPFailure.translating { try questionService.inFlight.checkRoom() }
        let body = try await JSONBody(request)
        let streams = try body.bool("stream") ?? request.headers[.accept]?.contains("text/event-stream") ?? false
        let conversation = try body.text("conversation_id", atMost: JSONBody.longestName)
        let message = try body.requiredText("message")
        // The admin token identifies no user, so the body names the asker.
        let asker = try await questionService.users.principal(
            email: try body.requiredText("user_id", atMost: JSONBody.longestEmail))
        let id = ULID()
        let question = Question(
            id: id, asker: asker, text: message, place: ToolRoutes.place,
            threadKey: "http:\(asker.email):\(conversation ?? id.text)")
        let key = try request.originKey(of: asker)
        if streams { return stream(question, originKey: key, origin: request.origin) }
        let outcome = try await answer(question, originKey: key, origin: request.origin) { _ in }
        return response(AnswerJSON.body(outcome), outcome, of: question)
    }

    private func chat(_ request: Request, _ context: SidePortContext) async throws -> Response {
        let body = try await JSONBody(request)
        let text = try body.requiredText("question")
        let slackUser = try body.requiredText("slack_user_id", atMost: JSONBody.longestName)
        let channel = try body.text("channel_id", atMost: JSONBody.longestName)
        let asker = try await principal(slackUser: slackUser)
        let id = ULID()
        var place = ToolRoutes.place
        if let channel {
            let info = await directory.channel(channel)
            // A direct message has no name, and no channel rule applies to it.
            place = Place(
                entryPoint: .http, channel: channel, channelName: info?.name,
                isDirect: info?.isDirect ?? channel.hasPrefix("D"),
                formerNames: await directory.formerNames(of: channel, now: info?.name))
        }
        let question = Question(id: id, asker: asker, text: text, place: place, threadKey: "http:\(asker.email):\(id)")
        let key = try request.originKey(of: asker)
        var origin = request.origin
        (origin.userID, origin.channel) = (slackUser, channel)
        let outcome = try await answer(question, originKey: key, origin: origin) { _ in }
        var answer = AnswerJSON.body(outcome).object ?? [:]
        let call = outcome.usage.calls.last { $0.outcome != .denied }
        answer["tool_called"] = call.map { .string($0.name.tool) } ?? .null
        answer["mcp_source"] = call.map { .string($0.name.server) } ?? .null
        answer["execution_time_ms"] = .int(Int64(outcome.usage.milliseconds))
        return response(.object(answer), outcome, of: question)
    }

    private func response(_ body: JSONValue, _ outcome: QuestionOutcome, of question: Question) -> Response {
        var object = body.object ?? [:]
        object["question_id"] = .string(question.id.text)
        return .json(.object(object), status: Self.status(outcome), headers: Self.location(of: question))
    }

    /// Where the question's outcome is found, also after the connection is lost.
    private static func location(of question: Question) -> HTTPFields {
        [.location: "/chat/questions/\(question.id)"]
    }

    private func question(_ request: Request, _ context: SidePortContext) async throws -> Response {
        let store = questionService.store
        return try await HTTPFailure.translating {
            guard let id = ULID(context.part("id").uppercased()), let row = try await store.question(id) else {
                throw HTTPFailure(.notFound, .notFound, "There is no question \(context.part("id")).")
            }
            let record = row.state.isTerminal ? try await store.recent(AuditFilter(question: id), limit: 1).first : nil
            return .json(QuestionJSON.body(row, record))
        }
    }

    private func principal(slackUser: String) async throws -> Principal {
        let team: String
        do {
            team = try await installation.identity().teamID
        } catch {
            throw HTTPFailure(.serviceUnavailable, .forbidden, UserMessages.cannotCheck, retryAfter: 5)
        }
        switch await resolver.principal(slackUser: slackUser, team: team) {
        case .known(let principal): return principal
        case .refused(let reason): throw HTTPFailure(.forbidden, .forbidden, reason)
        }
    }

    private func answer(
        _ question: Question, originKey: String?, origin: QuestionOrigin,
        onEvent: @escaping @Sendable (AnswerEvent) async -> Void
    ) async throws -> QuestionOutcome {
        try await HTTPFailure.translating {
            try await questionService.ask(question, originKey: originKey, origin: origin, onEvent: onEvent)
        }
    }

    private static func status(_ outcome: QuestionOutcome) -> HTTPStatus {
        switch outcome {
        case .answered: .ok
        case .refused: .forbidden
        case .cancelled: .serviceUnavailable
        case .failed(let failure), .interrupted(let failure):
            failure.error.code == .deadline ? .gatewayTimeout : .badGateway
        }
    }

    /// Streams the events: `event:` is their name, `id:` counts from 1; the last event is `done`, `refused` or
    /// `failed`. The end of the connection cancels the question.
    private func stream(_ question: Question, originKey: String?, origin: QuestionOrigin) -> Response {
        let body = ResponseBody { writer in
            let events = AsyncChannel<(name: String, data: JSONValue)>()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    defer { events.finish() }
                    do {
                        let outcome = try await answer(question, originKey: originKey, origin: origin) { event in
                            await events.send(AnswerJSON.event(event))
                        }
                        await events.send((AnswerJSON.name(outcome), AnswerJSON.body(outcome)))
                    } catch let failure as HTTPFailure {
                        let error: JSONValue = [
                            "code": .string(failure.code.rawValue), "message": .string(failure.message),
                        ]
                        await events.send(("failed", ["success": false, "error": error]))
                    }
                }
                var id = 0
                for await event in events {
                    id += 1
                    let text = "id: \(id)\nevent: \(event.name)\ndata: \(event.data.text())\n\n"
                    try await writer.write(ByteBuffer(string: text))
                }
                try await group.waitForAll()
            }
            try await writer.finish(nil)
        }
        var headers = Self.location(of: question)
        headers[.contentType] = "text/event-stream; charset=utf-8"
        headers[.cacheControl] = "no-store"
        return Response(status: .ok, headers: headers, body: body)
    }
}

extension Route.Parameter {
    /// Read by `Request.originKey(of:)`.
    static let idempotencyKey = Route.Parameter(
        "Idempotency-Key", "A request of the same user with the same key is refused with 409, which names the question."
    )
}

extension Request {
    /// The key under which a repeated request of the same asker is found (draft-ietf-httpapi-idempotency-key-header);
    /// nil without the header. Throws ``HTTPFailure`` 400 for a key of more than ``JSONBody/longestName`` bytes.
    func originKey(of asker: Principal) throws -> String? {
        guard let key = headers.first(where: { $0.name.canonicalName == "idempotency-key" })?.value else { return nil }
        try JSONBody.check("Idempotency-Key", key, atMost: JSONBody.longestName)
        return "http:\(asker.email):\(key)"
    }

    /// What the store holds about the client.
    var origin: QuestionOrigin { QuestionOrigin(userAgent: headers[.userAgent]) }
}
