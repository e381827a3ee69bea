(function () {
  var app = document.getElementById('app'), form = app.getAttribute('data-form');
  var part = '/theme_dailysabah/part?path=' + encodeURIComponent(location.pathname);
  function get(url) { return fetch(url).then(function (answer) { return answer.json(); }); }
  function put(html) { app.outerHTML = html; }
  function inPieces(html) {
    var holder = document.createElement('div');
    holder.innerHTML = html;
    var kept = [];
    holder.querySelectorAll('.article_body > p, #newsDescription .txt > p, .story__text > p').forEach(function (one) {
      var place = document.createComment('');
      one.replaceWith(place);
      kept.push([place, one]);
    });
    var nodes = Array.from(holder.childNodes);
    app.replaceWith.apply(app, nodes);
    (function next() {
      if (!kept.length) return;
      var one = kept.shift();
      one[0].replaceWith(one[1]);
      setTimeout(next, 5);
    })();
  }
  function load() {
    get(part).then(function (found) {
      if (form === 'pieces') return inPieces(found.html);
      if (form === 'late') return get(part + '&again=1').then(function (again) { put(again.html); });
      put(found.html);
    });
  }
  if (form === 'hanging') fetch('/theme_dailysabah/never?' + location.pathname);
  if (form === 'wall') {
    document.querySelector('.consent .agree').onclick = function () { document.title = 'agreed'; };
    document.querySelector('.consent .refuse').onclick = function () { document.querySelector('.consent').remove(); load(); };
  } else load();
})();
