import Bridge
import Hummingbird
import ServiceLifecycle

/// The page, what it shows, and the bell that tells it to look again.
struct PageRoutes: Sendable {
    let emulator: Emulator

    func add(to router: Router<BasicRequestContext>) {
        router.get("/") { _, _ in file(PackageResources.page_html, "text/html; charset=utf-8") }
        router.get("/page.css") { _, _ in file(PackageResources.page_css, "text/css; charset=utf-8") }
        for (path, bytes) in [
            ("/page.js", PackageResources.page_js), ("/blocks.js", PackageResources.blocks_js),
            ("/text.js", PackageResources.text_js),
        ] {
            router.get(RouterPath(path)) { _, _ in file(bytes, "text/javascript; charset=utf-8") }
        }
        router.get("/archives/:channel/:message") { _, _ in file(PackageResources.page_html, "text/html; charset=utf-8")
        }
        router.get("/_page/view") { request, _ in
            let person = request.uri.queryParameters["as"].map(String.init) ?? ""
            return Response(PageView.json(emulator, for: person))
        }
        router.get("/events") { _, _ in events() }
    }

    private func file(_ bytes: [UInt8], _ type: String) -> Response {
        let policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:"
        let headers: HTTPFields = [
            .contentType: type, .cacheControl: "no-cache", .contentSecurityPolicy: policy,
        ]
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// One server-sent event for every change, and one at once.
    private func events() -> Response {
        let headers: HTTPFields = [.contentType: "text/event-stream", .cacheControl: "no-cache"]
        let workspace = emulator.workspace
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { writer in
                for await _ in workspace.changes() {
                    try await writer.write(ByteBuffer(string: "data: \(workspace.version)\n\n"))
                }
                try await writer.finish(nil)
            })
    }
}
