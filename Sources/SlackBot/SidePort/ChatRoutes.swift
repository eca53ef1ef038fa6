import Analytics
import AsyncAlgorithms
import Bridge
import Foundation
import Hummingbird

/// `POST /chat/ask`: a question over HTTP, answered whole as JSON or, as it is made, as server-sent events.
struct ChatRoutes: Sendable {
    let asking: Asking
    let readiness: Readiness

    static let largestBody = 1 << 20

    func ask(_ request: Request) async throws -> Response {
        if readiness.state == .draining {
            throw HTTPFailure(.serviceUnavailable, .draining, "Omni is restarting. Try again.", retryAfter: 5)
        }
        let ask = try await read(request)
        let question = try await question(for: ask)
        let key = request.headers.first { $0.name.canonicalName == "idempotency-key" }?.value
        let originKey = key.map { "http:\(question.asker.email):\($0)" }
        if ask.streams { return stream(question, originKey: originKey) }
        let ending = try await answer(question, originKey: originKey) { _ in }
        return .json(AnswerJSON.body(ending), status: Self.status(ending))
    }

    /// What a body asks for.
    private struct Ask {
        let email: String
        let message: String
        let conversation: String?
        let streams: Bool
    }

    private func read(_ request: Request) async throws -> Ask {
        let buffer = try await request.body.collect(upTo: Self.largestBody)
        guard let body = try? JSONValue(parsing: Array(buffer.readableBytesView)), body.object != nil else {
            throw HTTPFailure(.badRequest, .badRequest, "The body must be a JSON object.")
        }
        if let stream = body["stream"], stream.bool == nil {
            throw HTTPFailure(.badRequest, .badRequest, "\"stream\" must be true or false.")
        }
        // The admin token is nobody's identity, so the body must say who asks.
        guard let email = try Self.text("user_id", in: body), let message = try Self.text("message", in: body) else {
            throw HTTPFailure(.badRequest, .badRequest, "\"user_id\" (an e-mail) and \"message\" are needed.")
        }
        let wantsEvents = request.headers[.accept]?.contains("text/event-stream") ?? false
        return Ask(
            email: email, message: message, conversation: try Self.text("conversation_id", in: body),
            streams: body["stream"]?.bool ?? wantsEvents)
    }

    private static func text(_ key: String, in body: JSONValue) throws -> String? {
        guard let value = body[key], !value.isNull else { return nil }
        guard let text = value.string, !text.trimmingSpace.isEmpty else {
            throw HTTPFailure(.badRequest, .badRequest, "\"\(key)\" must be a text that is not empty.")
        }
        return text
    }

    private func question(for ask: Ask) async throws -> Question {
        let principal: Principal
        do {
            principal = try await asking.principal(email: ask.email)
        } catch let disabled as Disabled {
            throw HTTPFailure(.forbidden, .forbidden, "\(disabled)")
        } catch let error as StoreError {
            throw HTTPFailure(
                .serviceUnavailable, .storeUnavailable, "The record cannot be reached: \(error)", retryAfter: 5)
        }
        let id = ULID()
        return Question(
            id: id, asker: principal, text: ask.message, place: Place(door: .http, isDirect: true),
            threadKey: "http:\(principal.email):\(ask.conversation ?? id.text)")
    }

    private func answer(
        _ question: Question, originKey: String?, tell: @escaping @Sendable (AnswerEvent) async -> Void
    ) async throws -> Ending {
        do {
            return try await asking.ask(question, originKey: originKey, tell: tell)
        } catch let error as AlreadyAsked {
            throw HTTPFailure(.conflict, .badRequest, "\(error).")
        } catch let error as StoreError where error.code == .busy {
            throw HTTPFailure(.conflict, .badRequest, error.message, retryAfter: 2)
        } catch let error as StoreError {
            throw HTTPFailure(
                .serviceUnavailable, .storeUnavailable, "The record cannot be reached: \(error)", retryAfter: 5)
        }
    }

    private static func status(_ ending: Ending) -> HTTPStatus {
        switch ending {
        case .answered: .ok
        case .refused: .forbidden
        case .cancelled: .serviceUnavailable
        case .failed(let failure), .interrupted(let failure):
            failure.error.code == .deadline ? .gatewayTimeout : .badGateway
        }
    }

    /// `event:` names what happened, `id:` counts from 1; the last event is `done`, `refused` or `failed`. A reader
    /// that goes away, or a stop of the process, cancels the question.
    private func stream(_ question: Question, originKey: String?) -> Response {
        let body = ResponseBody { writer in
            let events = AsyncChannel<(name: String, data: JSONValue)>()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    do {
                        let ending = try await answer(question, originKey: originKey) { event in
                            await events.send(AnswerJSON.event(event))
                        }
                        await events.send((AnswerJSON.name(ending), AnswerJSON.body(ending)))
                    } catch let failure as HTTPFailure {
                        let error: JSONValue = [
                            "code": .string(failure.code.rawValue), "message": .string(failure.message),
                        ]
                        await events.send(("failed", ["success": false, "error": error]))
                    }
                    events.finish()
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
        return Response(
            status: .ok,
            headers: [.contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-store"], body: body)
    }
}
