import Analytics
import Bridge
import Hummingbird
import Logging

/// Turns each error of a route into a JSON error with advice, and logs the unexpected ones.
struct FailureMiddleware<Context: RequestContext>: RouterMiddleware {
    let logger: Logger

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let failure as HTTPFailure {
            return try failure.response(from: request, context: context)
        } catch let error as any HTTPResponseError {
            // Of Hummingbird, such as an unknown route, or of NIO, such as a body above the limit.
            return try Self.failure(status: error.status).response(from: request, context: context)
        } catch is CancellationError {
            throw CancellationError()
        } catch let disabled as UserDisabled {
            return try HTTPFailure(.forbidden, .forbidden, "\(disabled)").response(from: request, context: context)
        } catch let error as StoreError {
            return try HTTPFailure(error).response(from: request, context: context)
        } catch {
            logger.error("A request failed.", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
            let failure = HTTPFailure(.internalServerError, .internalError, "Something broke. The log says more.")
            return try failure.response(from: request, context: context)
        }
    }

    private static func failure(status: HTTPStatus) -> HTTPFailure {
        switch status {
        case .notFound: HTTPFailure(.notFound, .notFound, "There is no such route.")
        case .contentTooLarge: HTTPFailure(.contentTooLarge, .tooLarge, "The body is larger than 1 MiB.")
        default: HTTPFailure(status, .badRequest, "\(status.reasonPhrase).")
        }
    }
}
