import Bridge
import Yams

extension AppManifest {
    /// What to do with the manifest, above it.
    private static let comment = """
        # Creates the Slack app in one paste: https://api.slack.com/apps → Create New App → From a manifest.
        # Then: Install to the workspace (SLACK_BOT_TOKEN, xoxb-…), and under Basic Information an app-level token with the
        # scope connections:write (SLACK_APP_TOKEN, xapp-…). Written by `omni manifest`, for the configuration in use.

        """

    /// The manifest as YAML, below a comment; it ends with a line break.
    func yaml() throws -> String {
        let text = try Yams.serialize(node: Self.node(json), indent: 2, width: -1, allowUnicode: true)
        return Self.comment + text
    }

    private static func node(_ value: JSONValue) throws -> Node {
        switch value {
        case .null: Node("null")
        case .bool(let value): try value.represented()
        case .int(let value): try value.represented()
        case .double(let value): try value.represented()
        case .string(let value): try value.represented()
        case .array(let items): .sequence(Node.Sequence(try items.map(node)))
        case .object(let members):
            .mapping(Node.Mapping(try members.map { (try $0.key.represented(), try node($0.value)) }))
        }
    }
}
