import Analytics
import Bridge
import Hummingbird

/// An error response of the side port: `{"error": {"code", "message"}}`.
struct HTTPFailure: Error, HTTPResponseError, Sendable {
    let status: HTTPStatus
    let code: ErrorCode
    let message: String
    var headers = HTTPFields()

    /// - Parameters:
    ///   - retryAfter: the `Retry-After` header, in seconds.
    ///   - question: a stored question, to which the `Location` header leads.
    init(_ status: HTTPStatus, _ code: ErrorCode, _ message: String, retryAfter: Int? = nil, question: ULID? = nil) {
        self.status = status
        self.code = code
        self.message = message
        if let retryAfter { headers[.retryAfter] = String(retryAfter) }
        if let question { headers[.location] = "/chat/questions/\(question)" }
    }

    /// 503: the store is unavailable.
    init(_ error: StoreError) {
        self.init(
            .serviceUnavailable, .storeUnavailable, "The store cannot be reached: \(error)", retryAfter: 5)
    }

    /// Runs `ask`, which asks a question or calls a tool, and throws its known errors as ``HTTPFailure``; other errors
    /// pass unchanged.
    static func translating<Value>(_ ask: () async throws -> Value) async throws -> Value {
        do {
            return try await ask()
        } catch let error as DuplicateQuestion {
            throw HTTPFailure(.conflict, .badRequest, "\(error).", question: error.id)
        } catch let error as ConversationBusy {
            throw HTTPFailure(.conflict, .badRequest, "\(error)", retryAfter: 2)
        } catch let error as GoesOnElsewhere {
            throw HTTPFailure(.serviceUnavailable, .interrupted, "\(error).", question: error.id)
        } catch let error as NotRecorded {
            throw HTTPFailure(.serviceUnavailable, .storeUnavailable, "\(error).")
        } catch let error as TooManyCallers {
            throw HTTPFailure(.tooManyRequests, .rateLimited, "\(error).", retryAfter: 5)
        } catch let error as Stopping {
            throw HTTPFailure(.serviceUnavailable, .draining, "\(error).", retryAfter: 5)
        } catch let error as StoreError where error.code == .busy {
            throw HTTPFailure(.conflict, .badRequest, error.message, retryAfter: 2)
        } catch let error as StoreError {
            throw HTTPFailure(error)
        }
    }

    func response(from request: Request, context: some RequestContext) throws -> Response {
        Response.json(
            ["error": ["code": .string(code.rawValue), "message": .string(message)]], status: status, headers: headers)
    }
}

extension Response {
    /// A JSON response. It may hold text of users or servers, so content sniffing is off.
    static func json(_ value: JSONValue, status: HTTPStatus = .ok, headers: HTTPFields = [:]) -> Response {
        var headers = headers
        headers[.contentType] = "application/json; charset=utf-8"
        headers[.xContentTypeOptions] = "nosniff"
        return Response(
            status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: value.bytes())))
    }
}
