import Bridge
import Logging
import Testing

@testable import SlackBot

@Suite("Addresses of files")
struct SlackFilesTests {
    private func isTrusted(_ url: String, by base: String) async -> Bool {
        await api(base) { $0.isTrusted(uploadURL: url) }
    }

    private func api(_ base: String, _ body: (SlackAPI) -> Bool) async -> Bool {
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let http = HTTPClient(logger: logger)
        let api = SlackAPI(baseURL: base, botToken: Secret("b"), appToken: Secret("a"), http: http, logger: logger)
        let answer = body(api)
        await http.shutdown()
        return answer
    }

    @Test("content is posted to hosts of Slack only, over TLS")
    func hosts() async {
        let slack = "https://" + "slack.com/api/"
        for url in ["files.slack.com/upload/v1/x", "FILES.SLACK.COM:443/u", "a.b.slack-gov.com/u"] {
            #expect(await isTrusted("https://" + url, by: slack), "\(url)")
        }
        let refused = [
            "http://" + "files.slack.com/u", "https://" + "slack.com.evil.example/u", "https://" + "evilslack.com/u",
            "https://" + "files.slack.com:8443/u", "https://" + "me@files.slack.com/u",
            "https://" + "evil.example\\@files.slack.com/u", "https://" + "evil.example/ files.slack.com", "", "files",
            "http://127.0.0.1:80/u",
        ]
        for url in refused { #expect(await !isTrusted(url, by: slack), "\(url)") }
    }

    @Test("the token that reads files goes to hosts of Slack only, or on loopback to the API's own port")
    func token() async {
        let slack = "https://" + "slack.com/api/"
        let local = "http://127.0.0.1:8080/api/"
        for (base, url) in [
            (slack, "https://" + "files.slack.com/files-pri/T1-F1/a.csv"), (local, "http://127.0.0.1:8080/files/F1"),
        ] {
            let isTrusted = await api(base) { $0.isTrusted(fileURL: url) }
            #expect(isTrusted, "\(url)")
        }
        for (base, url) in [
            (slack, "https://" + "evil.example/a.csv"), (slack, "http://127.0.0.1:8080/files/F1"),
            (slack, "http://" + "files.slack.com/a.csv"), (local, "http://127.0.0.1:8081/files/F1"),
            (local, "http://127.0.0.1:8080@evil.example/F1"), (local, "https://" + "files.slack.com/a.csv"),
            (local, "http://127.0.0.1:80801/files/F1"),
        ] {
            let isTrusted = await api(base) { $0.isTrusted(fileURL: url) }
            #expect(!isTrusted, "\(url)")
        }
    }

    @Test("loopback is accepted when the API is there too")
    func loopback() async {
        #expect(await isTrusted("http://127.0.0.1:8080/upload/F1", by: "http://127.0.0.1:8080/api/"))
    }
}
