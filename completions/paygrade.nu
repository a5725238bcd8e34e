module completions {

  def "nu-complete paygrade target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade color" [] {
    [ "auto" "always" "never" ]
  }

  # Billing administration from the command line for SaaS products on Stripe
  export extern paygrade [
    --target: string@"nu-complete paygrade target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete paygrade init template" [] {
    [ "overage" "payg-hybrid" "gateway" "credits" "seats" ]
  }

  def "nu-complete paygrade init target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade init output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade init color" [] {
    [ "auto" "always" "never" ]
  }

  # Write paygrade.toml, catalog.toml and .gitignore into this folder
  export extern "paygrade init" [
    --template: string@"nu-complete paygrade init template" # Which catalog to start from
    --namespace: string       # The namespace that marks all objects in Stripe as yours [default: the template's]
    --target: string@"nu-complete paygrade init target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade init output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade init color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade catalog target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade catalog output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade catalog color" [] {
    [ "auto" "always" "never" ]
  }

  # Check and show the catalog file
  export extern "paygrade catalog" [
    --target: string@"nu-complete paygrade catalog target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade catalog output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade catalog color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade catalog check target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade catalog check output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade catalog check color" [] {
    [ "auto" "always" "never" ]
  }

  # Report every fault of the catalog file, offline
  export extern "paygrade catalog check" [
    --target: string@"nu-complete paygrade catalog check target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade catalog check output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade catalog check color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    file?: path               # Catalog file [default: that of the settings]
  ]

  def "nu-complete paygrade catalog show target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade catalog show output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade catalog show color" [] {
    [ "auto" "always" "never" ]
  }

  # Show tiers with their terms
  export extern "paygrade catalog show" [
    --target: string@"nu-complete paygrade catalog show target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade catalog show output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade catalog show color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    tier?: string             # Only this tier
  ]

  def "nu-complete paygrade catalog templates target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade catalog templates output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade catalog templates color" [] {
    [ "auto" "always" "never" ]
  }

  # List the templates of `init`, or print one
  export extern "paygrade catalog templates" [
    --target: string@"nu-complete paygrade catalog templates target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade catalog templates output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade catalog templates color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    name?: string             # Print this template
  ]

  def "nu-complete paygrade completions shell" [] {
    [ "bash" "elvish" "fish" "nushell" "powershell" "zsh" ]
  }

  def "nu-complete paygrade completions target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade completions output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade completions color" [] {
    [ "auto" "always" "never" ]
  }

  # Print the completion script of a shell
  export extern "paygrade completions" [
    --target: string@"nu-complete paygrade completions target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade completions output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade completions color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    shell: string@"nu-complete paygrade completions shell" # bash, elvish, fish, nushell, powershell or zsh
  ]

  def "nu-complete paygrade man target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade man output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade man color" [] {
    [ "auto" "always" "never" ]
  }

  # Print the manual page (roff)
  export extern "paygrade man" [
    --target: string@"nu-complete paygrade man target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade man output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade man color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade runs target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade runs output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade runs color" [] {
    [ "auto" "always" "never" ]
  }

  # What was done, by whom, and how it ended
  export extern "paygrade runs" [
    --target: string@"nu-complete paygrade runs target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade runs output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade runs color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade runs list target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade runs list output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade runs list color" [] {
    [ "auto" "always" "never" ]
  }

  # List runs, newest first
  export extern "paygrade runs list" [
    --command: string         # Of this command only, such as "meter push"
    --limit: string           # Most runs to list
    --target: string@"nu-complete paygrade runs list target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade runs list output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade runs list color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade runs show target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade runs show output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade runs show color" [] {
    [ "auto" "always" "never" ]
  }

  # Show one run
  export extern "paygrade runs show" [
    --target: string@"nu-complete paygrade runs show target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade runs show output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade runs show color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    run: string               # The run's number
  ]

}

export use completions *
