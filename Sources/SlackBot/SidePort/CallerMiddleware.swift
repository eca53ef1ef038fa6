import Bridge
import Crypto
import Hummingbird

/// Finds the ``Caller`` of each request. It refuses none: whether the caller may use a route is known at the route.
struct CallerMiddleware: RouterMiddleware {
    /// `OMNI_ADMIN_TOKEN`; nil: not configured, so every caller is anonymous.
    let token: Secret?
    /// Whether the side port is on a loopback address, where callers need no token for ``Caller/Scope/monitor``.
    let isLocal: Bool

    func handle(
        _ request: Request, context: SidePortContext, next: (Request, SidePortContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.caller = caller(authorization: request.headers[.authorization])
        return try await next(request, context)
    }

    /// - Parameter authorization: the value of the header `Authorization`.
    func caller(authorization: String?) -> Caller {
        guard isConfigured, let token, let authorization, authorization.lowercased().hasPrefix("bearer "),
            Self.equal(String(authorization.dropFirst("bearer ".count)), token.revealed)
        else { return .anonymous(scopes: isLocal ? [.monitor] : []) }
        return .adminToken
    }

    /// 401 for a caller without the scope of a route.
    var refusal: HTTPFailure {
        guard isConfigured else {
            return HTTPFailure(
                .unauthorized, .unauthorized, "The admin token is not configured. Set OMNI_ADMIN_TOKEN and restart.")
        }
        var failure = HTTPFailure(
            .unauthorized, .unauthorized, "Send the header Authorization: Bearer with a valid token.")
        // RFC 9110, section 15.5.2: a 401 names the scheme.
        failure.headers[.wwwAuthenticate] = "Bearer"
        return failure
    }

    private var isConfigured: Bool { token?.revealed.isEmpty == false }

    /// Compares SHA-256 digests: the comparison takes the same time wherever they differ.
    static func equal(_ left: String, _ right: String) -> Bool {
        SHA256.hash(data: Array(left.utf8)) == SHA256.hash(data: Array(right.utf8))
    }
}
