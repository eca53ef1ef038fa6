import Bridge
import Logging
import SlackEmulator
import TestKit
import Testing
import WebSockets

/// Tests with a browser. They run one at a time, as two browsers that start at once overload a small machine.
@Suite("The workspace page in a browser", .serialized, .timeLimit(.minutes(5)))
enum BrowserTests {}

/// A Chromium with one tab, controlled over the DevTools protocol (chromedevtools.github.io/devtools-protocol), for
/// one caller at a time.
actor PageBrowser {
    private let socket: WebSocket
    private var number: Int64 = 0

    init(port: Int, http: HTTPClient, loop: WebSocketEventLoop) async throws {
        let url = try await Self.tab(port: port, http: http)
        socket = try await loop.connect(WebSocketRequest(url: url, maxMessageBytes: 1 << 24))
    }

    /// The WebSocket URL of the tab, which is available a moment after the port.
    private static func tab(port: Int, http: HTTPClient) async throws -> String {
        try await eventually("the browser has a tab") { () -> String? in
            let response = try await http.send(HTTPClient.Request("GET", "http://127.0.0.1:\(port)/json/list"))
            let targets = try JSONValue(parsing: try await response.collect(upTo: 1 << 20)).array ?? []
            let page = targets.first { $0["type"] == "page" }
            return page?["webSocketDebuggerUrl"]?.string
        }
    }

    /// Calls one method of the protocol and returns its result. Throws ``AppError`` with the browser's message.
    @discardableResult
    func call(_ method: String, _ parameters: JSONObject = [:]) async throws -> JSONValue {
        number += 1
        let id = JSONValue.int(number)
        let order: JSONValue = ["id": id, "method": .string(method), "params": .object(parameters)]
        try await socket.send(order.text())
        for await message in socket.messages {
            guard case .text(let text) = message else { continue }
            let answer = try JSONValue(parsing: text)
            guard answer["id"] == id else { continue }
            if let error = answer["error"] { throw AppError(words: "\(method): \(error.text())") }
            return answer["result"] ?? .null
        }
        throw AppError(words: "the browser went away during \(method)")
    }

    /// The value of a JavaScript expression in the page. Throws ``AppError`` when it throws.
    @discardableResult
    func value(_ expression: String) async throws -> JSONValue {
        let answer = try await call("Runtime.evaluate", ["expression": .string(expression), "returnByValue": true])
        if let problem = answer["exceptionDetails"] { throw AppError(words: "\(expression): \(problem.text())") }
        return answer["result"]?["value"] ?? .null
    }

    func open(_ url: String) async throws { try await call("Page.navigate", ["url": .string(url)]) }

    /// Waits until the expression is true; returns false after 30 seconds.
    func sees(_ expression: String) async throws -> Bool {
        let end = ContinuousClock.now + .seconds(30)
        repeat {
            // During a page load the evaluation fails.
            if let seen = try? await value("Boolean(\(expression))"), seen == true { return true }
            try await Task.sleep(for: .milliseconds(40))
        } while ContinuousClock.now < end
        return false
    }

    /// Waits until an element that matches `selector` shows `words`; false after 30 seconds.
    func sees(_ words: String, in selector: String) async throws -> Bool {
        try await sees(
            "[...document.querySelectorAll(\(quoted(selector)))].some((e) => e.innerText.includes(\(quoted(words))))")
    }

    /// Clicks into the middle of the first element that matches, once it exists and nothing covers it. Again if the page
    /// moved or replaced the element meanwhile, so that the click missed it.
    func click(_ selector: String) async throws {
        let place = """
            (() => {
              const element = document.querySelector(\(quoted(selector)));
              element?.scrollIntoView({ block: "nearest" });
              const box = element?.getBoundingClientRect();
              if (!box?.width) return null;
              const at = [box.x + box.width / 2, box.y + box.height / 2];
              if (!element.contains(document.elementFromPoint(...at)) || element.disabled) return null;
              window.isClicked = false;
              element.addEventListener("click", () => { window.isClicked = true; }, { capture: true, once: true });
              return at;
            })()
            """
        for _ in 0..<5 {
            guard try await sees("\(place) !== null"), let at = try await value(place).array, at.count == 2 else {
                throw AppError(words: "\(selector) cannot be clicked")
            }
            for type in ["mouseMoved", "mousePressed", "mouseReleased"] {
                try await call(
                    "Input.dispatchMouseEvent",
                    ["type": .string(type), "x": at[0], "y": at[1], "button": "left", "clickCount": 1])
            }
            // A click that opens another page leaves no value.
            if try await value("window.isClicked !== false") == true { return }
        }
        throw AppError(words: "\(selector) moves away from each click")
    }

    /// Types into the focused element.
    func type(_ text: String) async throws { try await call("Input.insertText", ["text": .string(text)]) }

    /// Presses a key: Enter, Escape, ArrowUp, ArrowDown or Tab.
    func press(_ key: String, shift: Bool = false) async throws {
        let codes: [String: Int64] = ["Enter": 13, "Escape": 27, "ArrowUp": 38, "ArrowDown": 40, "Tab": 9]
        for type in ["keyDown", "keyUp"] {
            var event: JSONObject = [
                "type": .string(type), "key": .string(key), "windowsVirtualKeyCode": .int(codes[key] ?? 0),
                "modifiers": shift ? 8 : 0,
            ]
            if key == "Enter", type == "keyDown" { event["text"] = "\r" }
            try await call("Input.dispatchKeyEvent", event)
        }
    }

    /// Selects an option of a select element.
    func choose(_ option: String, in selector: String) async throws {
        let select = "document.querySelector(\(quoted(selector)))"
        guard try await sees("[...(\(select)?.options ?? [])].some((one) => one.value === \(quoted(option)))") else {
            throw AppError(words: "\(selector) has no option \(option)")
        }
        try await value("\(select).value = \(quoted(option)); \(select).dispatchEvent(new Event('change')); 0")
    }

    private func quoted(_ text: String) -> String { JSONValue.string(text).text() }
}

/// Runs a workspace and a browser for the duration of `body`. A Chromium that does not start is a failure.
func withPage(
    _ options: EmulatorOptions = EmulatorOptions(), width: Int = 1400,
    _ body: @escaping @Sendable (PageBrowser, Emulator, AppClient, WebSocketEventLoop) async throws -> Void
) async throws {
    try await withPeer("chromium.py", [String(width), "900"]) { peer in
        let port = peer.port
        try await withWorkspace(options) { emulator, app, sockets in
            let browser = try await PageBrowser(port: port, http: app.http, loop: sockets)
            try await body(browser, emulator, app, sockets)
        }
    }
}
