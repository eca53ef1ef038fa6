import Bridge
import Hummingbird
import Logging

/// The workspace's HTTP port: Web API, response URLs, uploads, control, page.
struct WorkspaceServer: Sendable {
    static let bodyLimit = 16 << 20
    let emulator: Emulator
    let logger: Logger

    /// Serves until it is cancelled; calls `ready` with the port.
    func run(ready: @escaping @Sendable (Int) -> Void) async throws {
        let router = Router()
        let api = APIRoutes(emulator: emulator)
        router.get("/api/:method") { request, context in try await api.handle(request, context) }
        router.post("/api/:method") { request, context in try await api.handle(request, context) }
        router.post("/response/:id") { request, context in try await api.respond(request, context) }
        router.post("/upload/:id") { request, context in try await api.upload(request, context) }
        router.get("/files/:id") { request, context in try await api.download(request, context) }
        ControlRoutes(emulator: emulator).add(to: router)
        PageRoutes(emulator: emulator).add(to: router)
        var quiet = logger
        // At a stop Hummingbird reports every connection that it cancels as an error.
        quiet.logLevel = .critical
        let application = Application(
            router: router,
            configuration: .init(address: .hostname("127.0.0.1", port: emulator.options.httpPort)),
            onServerRunning: { channel in ready(channel.localAddress?.port ?? 0) }, logger: quiet)
        try await application.run()
    }
}

extension Response {
    /// A JSON answer.
    init(_ json: JSONValue, status: Int = 200, headers: HTTPFields = [:]) {
        var headers = headers
        headers[.contentType] = "application/json; charset=utf-8"
        self.init(
            status: .init(code: status), headers: headers,
            body: .init(byteBuffer: ByteBuffer(bytes: json.bytes())))
    }

    /// The connection drops instead of an answer.
    static var lostConnection: Response {
        struct Dropped: Error {}
        return Response(status: .ok, body: ResponseBody(contentLength: 4096) { _ in throw Dropped() })
    }
}
