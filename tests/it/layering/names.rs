//! Who names whom inside one crate, read from its sources: which file uses items that another one defines.
//!
//! An item belongs to the file that defines it, through however many re-exports it is named: a `pub use` in a parent
//! is a door, not a dependency. Not seen: tests, and methods that are called without naming their type.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, UseTree, Visibility};

/// A path of module names from the crate's root.
type ModulePath = Vec<String>;

/// Deeper chains of re-exports are a circle of their own.
const MAX_DOORS: usize = 16;

/// One crate.
#[derive(Default)]
pub(super) struct Names {
    modules: BTreeMap<ModulePath, Module>,
}

/// What one module has and names.
#[derive(Default)]
struct Module {
    file: String,
    defined: BTreeSet<String>,
    /// Names bound by `use`, with the path they stand for.
    bound: BTreeMap<String, Vec<String>>,
    /// Modules named with `*`.
    globs: Vec<Vec<String>>,
    /// Every path that the module's code names, and every private `use`.
    named: BTreeSet<Vec<String>>,
}

impl Names {
    /// Reads the crate whose root is this file.
    pub(super) fn of_crate(root: &Path) -> Self {
        let mut names = Self::default();
        names.read(Vec::new(), root);
        names
    }

    /// For every file the files whose items it names, itself left out.
    pub(super) fn edges(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (path, module) in &self.modules {
            let targets = module.named.iter().filter_map(|named| self.resolve(path, named, 0));
            let others = targets.filter(|file| *file != module.file);
            edges.entry(module.file.clone()).or_default().extend(others);
        }
        edges
    }

    fn read(&mut self, path: ModulePath, file: &Path) {
        let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let stem = file.file_stem().expect("a source file has a name");
        let is_door = ["lib", "main", "mod"].iter().any(|name| stem == *name);
        let folder = file.parent().expect("a source file is in a folder");
        let below = if is_door { folder.to_owned() } else { folder.join(stem) };
        self.take(path, file, &below, &parsed.items);
    }

    /// Takes in the items of one module, which is a file or stands in one.
    fn take(&mut self, path: ModulePath, file: &Path, below: &Path, items: &[Item]) {
        let mut module = Module { file: file.to_string_lossy().into_owned(), ..Module::default() };
        for item in items.iter().filter(|item| !is_test(attributes(item))) {
            match item {
                Item::Mod(inner) => {
                    let name = inner.ident.to_string();
                    let inner_path: ModulePath = path.iter().cloned().chain([name.clone()]).collect();
                    match (&inner.content, module_file(below, &name)) {
                        (Some((_, items)), _) => self.take(inner_path, file, &below.join(&name), items),
                        (None, Some(file)) => self.read(inner_path, &file),
                        // A file that is chosen by an attribute, or that a build makes.
                        (None, None) => {}
                    }
                }
                Item::Use(item) => {
                    let is_door = !matches!(item.vis, Visibility::Inherited);
                    module.bind(Vec::new(), &item.tree, is_door);
                }
                _ => {
                    module.defined.extend(defined(item));
                    module.visit_item(item);
                }
            }
        }
        self.modules.insert(path, module);
    }

    /// The file that defines what a path names, seen from a module; `None` for what is not of this crate.
    fn resolve(&self, from: &[String], named: &[String], doors: usize) -> Option<String> {
        let (mut at, mut rest) = (from.to_vec(), named);
        match rest.first()?.as_str() {
            "crate" => (at, rest) = (Vec::new(), &rest[1..]),
            "self" => rest = &rest[1..],
            "super" => {}
            first => {
                let module = self.modules.get(from)?;
                let is_child = self.modules.contains_key(&child(from, first));
                if !is_child && !module.defined.contains(first) && !module.bound.contains_key(first) {
                    return module.globs.iter().find_map(|glob| self.behind(from, glob, rest, doors));
                }
            }
        }
        while rest.first().is_some_and(|first| first == "super") {
            at.pop()?;
            rest = &rest[1..];
        }
        self.walk(&at, rest, doors)
    }

    /// Follows a path down from a module.
    fn walk(&self, at: &[String], rest: &[String], doors: usize) -> Option<String> {
        let module = self.modules.get(at)?;
        let (first, after) = rest.split_first()?;
        let inner = child(at, first);
        if self.modules.contains_key(&inner) {
            return self.walk(&inner, after, doors);
        }
        if module.defined.contains(first) {
            return Some(module.file.clone());
        }
        if let Some(meant) = module.bound.get(first) {
            let meant: Vec<String> = meant.iter().chain(after).cloned().collect();
            // Bound to something outside the crate, such as a dependency's type.
            return (doors < MAX_DOORS).then(|| self.resolve(at, &meant, doors + 1)).flatten();
        }
        let globs = module.globs.iter();
        globs.clone().find_map(|glob| self.behind(at, glob, rest, doors)).or(Some(module.file.clone()))
    }

    fn behind(&self, at: &[String], glob: &[String], rest: &[String], doors: usize) -> Option<String> {
        let meant: Vec<String> = glob.iter().chain(rest).cloned().collect();
        (doors < MAX_DOORS).then(|| self.resolve(at, &meant, doors + 1)).flatten()
    }
}

impl Module {
    fn bind(&mut self, before: Vec<String>, tree: &UseTree, is_door: bool) {
        let with = |name: &syn::Ident| before.iter().cloned().chain([name.to_string()]).collect::<Vec<_>>();
        let (name, meant) = match tree {
            UseTree::Path(path) => return self.bind(with(&path.ident), &path.tree, is_door),
            UseTree::Group(group) => {
                return group.items.iter().for_each(|tree| self.bind(before.clone(), tree, is_door));
            }
            UseTree::Glob(_) => return self.globs.push(before),
            UseTree::Name(name) if name.ident == "self" => {
                (before.last().cloned().unwrap_or_default(), before.clone())
            }
            UseTree::Name(name) => (name.ident.to_string(), with(&name.ident)),
            UseTree::Rename(renamed) => (renamed.rename.to_string(), with(&renamed.ident)),
        };
        if !is_door {
            self.named.insert(meant.clone());
        }
        self.bound.insert(name, meant);
    }

    /// Macros hold code that is not parsed: paths are what looks like one.
    fn scan(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        self.name(std::mem::take(&mut path));
                    }
                    path.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                other => {
                    self.name(std::mem::take(&mut path));
                    colons = 0;
                    if let TokenTree::Group(group) = other {
                        self.scan(group.stream());
                    }
                }
            }
        }
        self.name(path);
    }

    fn name(&mut self, path: Vec<String>) {
        if !path.is_empty() {
            self.named.insert(path);
        }
    }
}

impl<'ast> Visit<'ast> for Module {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.name(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, called: &'ast syn::Macro) {
        self.scan(called.tokens.clone());
    }

    /// Functions have imports of their own; they name what a module's imports would.
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.bind(Vec::new(), &item.tree, false);
    }
}

fn child(path: &[String], name: &str) -> ModulePath {
    path.iter().cloned().chain([name.to_owned()]).collect()
}

fn module_file(below: &Path, name: &str) -> Option<PathBuf> {
    let files = [below.join(format!("{name}.rs")), below.join(name).join("mod.rs")];
    files.into_iter().find(|file| file.is_file())
}

fn is_test(attributes: &[Attribute]) -> bool {
    let says_test = |attribute: &Attribute| match &attribute.meta {
        syn::Meta::List(list) if list.path.is_ident("cfg") => list.tokens.to_string().contains("test"),
        _ => false,
    };
    attributes.iter().any(says_test)
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Mod(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Const(item) => &item.attrs,
        _ => &[],
    }
}

fn defined(item: &Item) -> Option<String> {
    Some(match item {
        Item::Const(item) => item.ident.to_string(),
        Item::Enum(item) => item.ident.to_string(),
        Item::Fn(item) => item.sig.ident.to_string(),
        Item::Static(item) => item.ident.to_string(),
        Item::Struct(item) => item.ident.to_string(),
        Item::Trait(item) => item.ident.to_string(),
        Item::Type(item) => item.ident.to_string(),
        Item::Union(item) => item.ident.to_string(),
        Item::Macro(item) => item.ident.as_ref()?.to_string(),
        _ => return None,
    })
}
