import Bridge
import Crypto
import Hummingbird

/// Admits requests that carry `OMNI_ADMIN_TOKEN` as a bearer token; others get 401.
struct BearerMiddleware<Context: RequestContext>: RouterMiddleware {
    /// nil: not configured, so every request is rejected.
    let token: Secret?

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard token?.revealed.isEmpty == false else {
            throw HTTPFailure(
                .unauthorized, .unauthorized, "The admin token is not configured. Set OMNI_ADMIN_TOKEN and restart.")
        }
        guard admits(request) else {
            var failure = HTTPFailure(
                .unauthorized, .unauthorized, "Send the header Authorization: Bearer with a valid token.")
            // RFC 9110, section 15.5.2: a 401 names the scheme.
            failure.headers[.wwwAuthenticate] = "Bearer"
            throw failure
        }
        return try await next(request, context)
    }

    /// Whether the request carries the token; false when none is configured.
    func admits(_ request: Request) -> Bool {
        guard let token, !token.revealed.isEmpty, let header = request.headers[.authorization],
            header.lowercased().hasPrefix("bearer ")
        else { return false }
        return Self.equal(String(header.dropFirst("bearer ".count)), token.revealed)
    }

    /// Compares SHA-256 digests: the comparison takes the same time wherever they differ.
    static func equal(_ left: String, _ right: String) -> Bool {
        SHA256.hash(data: Array(left.utf8)) == SHA256.hash(data: Array(right.utf8))
    }
}
