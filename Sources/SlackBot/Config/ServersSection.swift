import Bridge
import Foundation

/// Decodes the servers of mcps.yaml: transport, credentials and times.
enum ServersSection {
    /// Defaults of an entry; `global` of mcps.yaml takes precedence over `mcp` of settings.yaml.
    private struct Defaults {
        var callTimeout: Duration = .seconds(30)
        var connectTimeout: Duration = .seconds(15)
        var healthInterval: Duration = .seconds(60)
        var discoveryInterval: Duration = .seconds(300)

        init(global: ConfigNode, general: ConfigNode) {
            let (timeout, generalTimeout) = (
                global["default_timeout_seconds"].duration(), general["request_timeout_seconds"].duration()
            )
            let (health, generalHealth) = (
                global["health_check_interval_seconds"].duration(), general["health_check_interval_seconds"].duration()
            )
            let (discovery, generalDiscovery) = (
                global["discovery_interval_minutes"].duration(unit: 60),
                general["discovery_interval_minutes"].duration(unit: 60)
            )
            callTimeout = timeout ?? generalTimeout ?? callTimeout
            healthInterval = health ?? generalHealth ?? healthInterval
            discoveryInterval = discovery ?? generalDiscovery ?? discoveryInterval
            connectTimeout = global["connect_timeout_seconds"].duration() ?? connectTimeout
        }
    }

    static func decode(_ root: ConfigNode, general: ConfigNode, into settings: inout Settings) {
        let defaults = Defaults(global: root["global"], general: general)
        var lines: [String: Int] = [:]
        for entry in root["mcps"].elements() {
            let isEnabled = entry["enabled"].bool() ?? true
            let entry = isEnabled ? entry : entry.inactive()
            let name = name(entry, &lines)
            if name == Policy.analyticsServer {
                settings.analyticsTools.isEnabled = isEnabled
                settings.analyticsTools.timeout =
                    entry["timeout_seconds"].duration() ?? settings.analyticsTools.timeout
            }
            let server = server(name ?? "", entry, isEnabled: isEnabled, defaults)
            if let server, name != nil { settings.servers.append(server) }
        }
    }

    private static func name(_ entry: ConfigNode, _ lines: inout [String: Int]) -> String? {
        let node = entry["name"]
        guard let name = node.text(), !name.isEmpty else {
            if !node.hasProblem {
                node.report("a required value is missing", hint: "give the server a short name")
            }
            return nil
        }
        let allowed = name.utf8.allSatisfy { byte in
            VariableExpansion.isName("a\(Character(UnicodeScalar(byte)))") || byte == UInt8(ascii: "-")
        }
        guard name != Policy.askBackServer else {
            node.report("\"\(node.written)\" is the name of Omni's own tools", hint: "rename the server")
            return nil
        }
        guard allowed, !name.contains("__"), name.utf8.count <= 40 else {
            node.report(
                "the name \"\(node.written)\" cannot be a server's",
                hint: "use at most 40 letters, digits, - and single _: it is part of server__tool")
            return nil
        }
        if let line = lines[name] {
            node.report(
                "a second server is named \"\(node.written)\"", hint: "the first is on line \(line); rename one")
            return nil
        }
        lines[name] = node.position?.line ?? 0
        return name
    }

    private static func server(
        _ name: String, _ entry: ConfigNode, isEnabled: Bool, _ defaults: Defaults
    ) -> ServerConfiguration? {
        let displayName = entry["display_name"].text()
        let description = entry["description"].text() ?? ""
        let tags = entry["tags"].texts() ?? []
        let callTimeout = entry["timeout_seconds"].duration() ?? defaults.callTimeout
        let connectTimeout = entry["connect_timeout_seconds"].duration() ?? defaults.connectTimeout
        let credentials = credentials(entry["authentication"])
        guard name != Policy.analyticsServer else {
            _ = transport(entry.inactive())
            let unused = ["url", "command"].filter { entry[$0].isPresent }.map { entry[$0].path }
            unused.forEach(entry.file.noteEffectless)
            return nil
        }
        guard let transport = transport(entry) else { return nil }
        return ServerConfiguration(
            name: name, displayName: displayName, description: description, isEnabled: isEnabled, transport: transport,
            credentials: credentials, callTimeout: callTimeout, connectTimeout: connectTimeout,
            healthInterval: defaults.healthInterval, discoveryInterval: defaults.discoveryInterval, tags: tags)
    }

    private enum ProtocolName: String, CaseIterable { case http, sse, stdio }

    /// Without `protocol`, a `command` means stdio, else http.
    private static func transport(_ entry: ConfigNode) -> ServerConfiguration.Transport? {
        let named = entry["protocol"].choice("protocol", ProtocolName.self)
        let guessed: ProtocolName = entry["command"].isPresent ? .stdio : .http
        let isUnknown = entry["protocol"].isPresent && named == nil
        guard !isUnknown else { return nil }
        switch named ?? guessed {
        case .stdio: return stdio(entry)
        case .http: return address(entry["url"]).map { .http(url: $0.hasPath ? $0.text : withDefaultPath($0.text)) }
        case .sse: return address(entry["url"]).map { .sse(url: $0.text) }
        }
    }

    private static func stdio(_ entry: ConfigNode) -> ServerConfiguration.Transport? {
        let arguments = entry["args"].texts() ?? []
        let directory = entry["cwd"].text()
        var environment: [String: String] = [:]
        for (name, value) in entry["env"].entries() { environment[name] = value.text() }
        let command = entry["command"].requiredText(hint: "a stdio server needs the program to start")
        guard let command = command ?? (entry.isActive ? nil : "") else { return nil }
        return .stdio(command: command, arguments: arguments, directory: directory, environment: environment)
    }

    private static func address(_ node: ConfigNode) -> WebAddress? {
        guard let text = node.requiredText(hint: "a server over HTTP needs its address") else {
            return node.isActive ? nil : WebAddress("http://localhost")
        }
        guard let address = WebAddress(text) else {
            node.report("is no http or https address", hint: "write http://host:port/mcp")
            return nil
        }
        return address
    }

    /// The original requests `/mcp` for an address without a path, and its files rely on it.
    private static func withDefaultPath(_ url: String) -> String { url.hasSuffix("/") ? "\(url)mcp" : "\(url)/mcp" }

    private enum Scheme: String, CaseIterable {
        case bearer
        case basic
        case apiKey = "api_key"
    }

    private static func credentials(_ written: ConfigNode) -> [ServerConfiguration.CredentialHeader] {
        let isEnabled = written["enabled"].bool() ?? written.isPresent
        let node = isEnabled ? written : written.inactive()
        let scheme = node["type"].choice("authentication type", Scheme.self)
        let (key, user, password) = (node["api_key"].secret(), node["username"].text(), node["password"].secret())
        let (headerName, headerValue) = (node["header_name"].text(), node["header_value"].secret())
        guard isEnabled, node.isActive else { return [] }
        guard let scheme else {
            if !node["type"].isPresent {
                node.report("authentication without a type", hint: "use bearer, basic or api_key")
            }
            return []
        }
        switch scheme {
        case .basic:
            guard let user, let password else { return missing(node, "basic needs username and password") }
            let pair = Data("\(user):\(password.revealed)".utf8).base64EncodedString()
            return [.init(name: "Authorization", value: Secret("Basic \(pair)"))]
        case .bearer:
            guard let token = key ?? headerValue else { return missing(node, "bearer needs api_key, the token") }
            return [.init(name: headerName ?? "Authorization", value: Secret("Bearer \(token.revealed)"))]
        case .apiKey:
            guard let value = headerValue ?? key else { return missing(node, "api_key needs api_key or header_value") }
            return [.init(name: headerName ?? "X-API-Key", value: value)]
        }
    }

    private static func missing(_ node: ConfigNode, _ what: String) -> [ServerConfiguration.CredentialHeader] {
        let hasOwnProblem = ["api_key", "username", "password", "header_value"].contains {
            node[$0].hasProblem
        }
        if !hasOwnProblem { node.report("a required value is missing", hint: what) }
        return []
    }
}
