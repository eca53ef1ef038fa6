import Bridge
import Hummingbird
import Logging
import ServiceLifecycle

/// The HTTP server of the workspace: Web API, response URLs, uploads, control routes, page.
struct WorkspaceServer: Sendable {
    /// The longest request body in bytes.
    static let bodyLimit = 16 << 20
    let emulator: Emulator
    let logger: Logger

    /// Serves until the task is cancelled; calls `ready` with the port.
    func run(ready: @escaping @Sendable (Int) -> Void) async throws {
        let router = Router()
        let api = APIRoutes(emulator: emulator)
        router.get("/api/:method") { request, context in try await api.handle(request, context) }
        router.post("/api/:method") { request, context in try await api.handle(request, context) }
        router.post("/response/:id") { request, context in try await api.respond(request, context) }
        router.post("/upload/:id") { request, context in try await api.upload(request, context) }
        router.get("/files/:id") { request, context in try await api.download(request, context) }
        router.get("/_page/files/:id") { _, context in try api.pageFile(context) }
        ControlRoutes(emulator: emulator).add(to: router)
        PageRoutes(emulator: emulator).add(to: router)
        var quiet = logger
        // During shutdown Hummingbird logs each connection that it cancels as an error.
        quiet.logLevel = .critical
        let application = Application(
            router: router,
            configuration: .init(address: .hostname("127.0.0.1", port: emulator.options.httpPort)),
            onServerRunning: { channel in ready(channel.localAddress?.port ?? 0) }, logger: quiet)
        try await serve(application, logger: quiet)
    }

    /// Turns a cancellation into a graceful shutdown: the listening socket closes first, and connections that are still
    /// open after 200 ms are cancelled.
    ///
    /// A direct cancellation of Hummingbird's accept loop drops connections that it has accepted and not yet started to
    /// serve, and NIO ends the process for each of them ("Deinited NIOAsyncWriter without calling finish()").
    private func serve(_ application: some Service, logger: Logger) async throws {
        var configuration = ServiceGroupConfiguration(services: [.init(service: application)], logger: logger)
        configuration.maximumGracefulShutdownDuration = .milliseconds(200)
        let services = ServiceGroup(configuration: configuration)
        // An unstructured task, which the caller's cancellation does not reach; awaited below in every case.
        let serving = Task { try await services.run() }
        let result = await withTaskGroup(of: Void.self) { group in
            group.addTask {
                // Ends when the caller is cancelled or the service has ended.
                try? await Task.sleep(for: .seconds(86_400 * 365))
                await services.triggerGracefulShutdown()
            }
            defer { group.cancelAll() }
            return await serving.result
        }
        try result.get()
    }
}

extension Response {
    /// A response with a JSON body.
    init(_ json: JSONValue, status: Int = 200, headers: HTTPFields = [:]) {
        var headers = headers
        headers[.contentType] = "application/json; charset=utf-8"
        self.init(
            status: .init(code: status), headers: headers,
            body: .init(byteBuffer: ByteBuffer(bytes: json.bytes())))
    }

    /// A response during which the connection is dropped.
    static var lostConnection: Response {
        /// Makes Hummingbird abort the response.
        struct Dropped: Error {}
        return Response(status: .ok, body: ResponseBody(contentLength: 4096) { _ in throw Dropped() })
    }
}
